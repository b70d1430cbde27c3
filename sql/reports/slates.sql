-- What the ranking service answered: slates by day, and how many did without something.
-- Grain: one UTC day, surface, model version and policy version.
-- Inputs: decision, decision_place.
-- Measures: decisions; users distinct; candidates, places, ads the mean a decision; degraded the share that did without something; explored the share of the
-- places whose propensity is below 1; ecpm the mean of the ads shown at their bids, in the currency for a thousand impressions.
-- $from date 1970-01-01: first UTC day of the decisions
-- $to date 9999-12-31: last UTC day of the decisions
-- chart line x=day y=degraded series=surface: share of degraded answers
with
  made as (
    select decision_id, day, surface, model_version, policy_version, user_id, candidates, case when degraded = 'none' then 0 else 1 end as degraded
    from decision
    where day between $from and $to
  ),
  placed as (
    select
      decision_id,
      count(*) as places,
      sum(case when kind = 'ad' then 1 else 0 end) as ads,
      sum(case when propensity < 1 then 1 else 0 end) as explored,
      sum(ecpm_micros) as ecpm_micros
    from decision_place
    where day between $from and $to
    group by decision_id
  )
select
  m.day,
  m.surface,
  m.model_version,
  m.policy_version,
  count(*) as decisions,
  count(distinct m.user_id) as users,
  cast(sum(m.candidates) as double precision) / count(*) as candidates,
  cast(sum(coalesce(p.places, 0)) as double precision) / count(*) as places,
  cast(sum(coalesce(p.ads, 0)) as double precision) / count(*) as ads,
  cast(sum(m.degraded) as double precision) / count(*) as degraded,
  case when sum(p.places) > 0 then cast(sum(p.explored) as double precision) / cast(sum(p.places) as double precision) end as explored,
  case when sum(p.ads) > 0 then cast(sum(p.ecpm_micros) as double precision) / cast(sum(p.ads) as double precision) / 1000000 end as ecpm
from made m
left join placed p on p.decision_id = m.decision_id
group by m.day, m.surface, m.model_version, m.policy_version
order by m.day, m.surface, m.model_version, m.policy_version
