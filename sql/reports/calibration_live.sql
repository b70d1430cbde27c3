-- Does what the heads said when they answered come true? By tenth of the places that were shown, lowest probabilities first.
-- Grain: one model version, predicted action and decile.
-- Inputs: fct_prediction.
-- Measures: row_count in shown places; lowest, highest, mean_predicted probabilities; observed_rate the share of places after which it happened;
-- gap = mean_predicted - observed_rate; z the gap in standard errors of the observed rate if the predictions were right and places independent.
-- Answers by the heads only, with embeddings or without: counters says the items' own rates. The answers of the last days may still come in: an action counts up to the window's days
-- after the showing. Shown are the places that the policy chose, so of two items with the same true chance the one that is overrated is seen more often:
-- a positive gap at the top can be that choice; calibration, on scored test rows, has no such choice.
-- $from date 1970-01-01: first UTC day of the decisions
-- $to date 9999-12-31: last UTC day of the decisions
-- $model text all: one model version, or all
-- $action one-of(all,click,like,hide,conversion) all: one predicted action, or all
-- chart line x=mean_predicted y=observed_rate series=action: observed against predicted
with
  ranked as (
    select
      model_version,
      action,
      probability,
      cast(happened as double precision) as happened,
      ntile(10) over (partition by model_version, action order by probability, decision_id, position) as decile
    from fct_prediction
    where day between $from and $to and degraded in ('none', 'no embeddings', 'first_head_only') and showings > 0
      and ($model = 'all' or model_version = $model) and ($action = 'all' or action = $action)
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
