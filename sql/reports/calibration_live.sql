-- Does what the heads said when they answered come true? By tenth of the places that were shown, lowest probabilities first.
-- Grain: one model version, predicted action and decile.
-- Inputs: decision (the answer's own bytes), decision_place, fct_impression, mart_setting; of the newest $most decisions, as fct_prediction has them.
-- Measures: row_count in shown places; lowest, highest, mean_predicted probabilities; observed_rate the share of places after which it happened;
-- gap = mean_predicted - observed_rate; z the gap in standard errors of the observed rate if the predictions were right and places independent.
-- Answers by the heads only, with embeddings or without: counters says the items' own rates. The answers of the last days may still come in: an action counts up to the window's days
-- after the showing. Shown are the places that the policy chose, so of two items with the same true chance the one that is overrated is seen more often:
-- a positive gap at the top can be that choice; calibration, on scored test rows, has no such choice.
-- $from date 1970-01-01: first UTC day of the decisions
-- $to date 9999-12-31: last UTC day of the decisions
-- $model text all: one model version, or all
-- $action one-of(all,click,like,hide,conversion) all: one predicted action, or all
-- $most integer 20000: decisions at most, the newest of the range: each answer has to be parsed
-- chart line x=mean_predicted y=observed_rate series=action: observed against predicted
with
  newest as (
    select decision_id
    from decision
    where day between $from and $to and degraded in ('none', 'no embeddings', 'first_head_only') and ($model = 'all' or model_version = $model)
    order by decided_at desc, decision_id desc
    limit cast($most as integer)
  ),
  made as materialized (
    select
      d.decision_id, d.model_version, d.request_id, d.user_id, d.day, d.day + s.window_days as last_day,
      cast(decode(d.answer) as json) -> 'slate' as slate
    from newest n
    join decision d on d.decision_id = n.decision_id
    cross join mart_setting s
  ),
  placed as materialized (
    select
      m.decision_id, m.model_version, m.request_id, m.user_id, m.day, m.last_day, p.position, p.item_id,
      -- The answer's places are in order of their positions from 1.
      m.slate -> cast(p.position - 1 as integer) as place
    from made m
    join decision_place p on p.decision_id = m.decision_id
    where p.day between $from and $to
  ),
  bound as (
    select min(day) as first_day, max(last_day) as last_day from made
  ),
  shown as (
    select
      p.decision_id,
      p.position,
      max(case when i.clicks > 0 then 1 else 0 end) as click,
      max(case when i.likes > 0 then 1 else 0 end) as liked,
      max(case when i.hides > 0 then 1 else 0 end) as hide,
      max(case when i.conversions > 0 then 1 else 0 end) as conversion
    from placed p
    join fct_impression i on i.request_id = p.request_id and i.user_id = p.user_id and i.position = p.position and i.item_id = p.item_id
      and i.day >= p.day and i.day <= p.last_day
    where i.day >= (select first_day from bound) and i.day <= (select last_day from bound) and i.day >= $from
    group by p.decision_id, p.position
  ),
  seen as materialized (
    select p.decision_id, p.model_version, p.position, p.place -> 'heads' as heads, s.click, s.liked, s.hide, s.conversion
    from placed p
    join shown s on s.decision_id = p.decision_id and s.position = p.position
    where p.place ->> 'item' = p.item_id
  ),
  told as (
    select decision_id, model_version, position, 'click' as action, cast(heads ->> 'click' as double precision) as probability, click as happened from seen
    union all
    select decision_id, model_version, position, 'like', cast(heads ->> 'like' as double precision), liked from seen
    union all
    select decision_id, model_version, position, 'hide', cast(heads ->> 'hide' as double precision), hide from seen
    union all
    select decision_id, model_version, position, 'conversion', cast(heads ->> 'conversion' as double precision), conversion from seen
  ),
  ranked as (
    select
      model_version,
      action collate "C" as action,
      probability,
      cast(happened as double precision) as happened,
      ntile(10) over (partition by model_version, action order by probability, decision_id, position) as decile
    from told
    where probability is not null and ($action = 'all' or action = $action)
  )
select
  model_version,
  action,
  decile,
  count(*) as row_count,
  min(probability) as lowest,
  max(probability) as highest,
  avg(probability) as mean_predicted,
  avg(happened) as observed_rate,
  avg(probability) - avg(happened) as gap,
  case when sum(probability * (1 - probability)) > 0 then sum(probability - happened) / sqrt(sum(probability * (1 - probability))) end as z
from ranked
group by model_version, action, decile
order by model_version, action, decile
