-- Does a predicted probability come true? By tenth of the scored test rows, lowest scores first.
-- Grain: one model version and decile.
-- Inputs: prediction.
-- Measures: row_count in test rows; lowest, highest, mean_predicted probabilities; observed_rate the share of rows in which it happened;
-- gap = mean_predicted - observed_rate.
-- $model text all: one model version, or all
-- chart line x=mean_predicted y=observed_rate series=model_version: observed against predicted
with
  ranked as (
    select
      model_version,
      score,
      label,
      ntile(10) over (partition by model_version order by score, request_id, user_id, item_id) as decile
    from prediction
    where $model = 'all' or model_version = $model
  ),
  summed as (
    select
      model_version,
      decile,
      count(*) as row_count,
      min(score) as lowest,
      max(score) as highest,
      avg(score) as mean_predicted,
      avg(cast(label as double precision)) as observed_rate
    from ranked
    group by model_version, decile
  )
select
  model_version,
  decile,
  row_count,
  lowest,
  highest,
  mean_predicted,
  observed_rate,
  mean_predicted - observed_rate as gap
from summed
order by model_version, decile
