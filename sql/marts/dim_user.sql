-- Users as they are now.
-- Grain: one user who was ever announced.
-- Inputs: fact.
-- segment is the user's attribute of that name, else country, else occupation, else unknown, as in dim_user_version;
-- created and changed are the times of the first and the newest version, versions their number.
with
  told as (
    select user_id, event_id, event_time, cast(payload as json) -> 'attributes' as attributes
    from fact
    where type = 2
  ),
  ordered as (
    select
      user_id,
      event_time,
      coalesce(attributes ->> 'segment', attributes ->> 'country', attributes ->> 'occupation', 'unknown') as segment,
      row_number() over (partition by user_id order by event_time desc, event_id desc) as age,
      min(event_time) over (partition by user_id) as created,
      count(*) over (partition by user_id) as versions
    from told
  )
select user_id, segment, created, event_time as changed, versions
from ordered
where age = 1
