-- Why candidates were not shown: what the filters took out, by reason.
-- Grain: one surface and reason.
-- Inputs: decision, decision_removal.
-- Measures: decisions in which the reason occurred; candidates taken out for it; a_decision = candidates / all decisions of the surface;
-- share = candidates / all candidates of the surface's decisions.
-- $from date 1970-01-01: first UTC day of the decisions
-- $to date 9999-12-31: last UTC day of the decisions
-- chart bars x=reason y=a_decision: candidates taken out of a decision
with
  made as (
    select decision_id, surface, candidates from decision where day between $from and $to
  ),
  total as (
    select surface, count(*) as decisions, cast(sum(candidates) as bigint) as candidates from made group by surface
  ),
  removed as (
    select m.surface, r.reason, count(*) as decisions, cast(sum(r.candidates) as bigint) as candidates
    from decision_removal r
    join made m on m.decision_id = r.decision_id
    where r.day between $from and $to
    group by m.surface, r.reason
  )
select
  r.surface,
  r.reason,
  r.decisions,
  r.candidates,
  cast(r.candidates as double precision) / t.decisions as a_decision,
  case when t.candidates > 0 then cast(r.candidates as double precision) / t.candidates end as share
from removed r
join total t on t.surface = r.surface
order by r.surface, r.reason
