-- A batch score is a probability and a rank counts from 1, each rank of a user once a model version.
with
  wrong as (
    select model_version, user_id, item_id from score where not (score >= 0 and score <= 1) or rank < 1
  ),
  repeated as (
    select model_version, user_id, max(item_id) as item_id from score group by model_version, user_id, rank having count(*) > 1
  )
select model_version, user_id, item_id from wrong
union all
select model_version, user_id, item_id from repeated
