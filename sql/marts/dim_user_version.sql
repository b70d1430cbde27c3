-- Users as they were at each time.
-- Grain: one version of a user (one user event).
-- Inputs: fact.
-- segment is the user's attribute of that name, else country, else occupation, else unknown. A version holds from valid_from (the first from 1970)
-- to before valid_to (the newest to the end of time).
-- Columns:
-- - user_id: The user.
-- - version: Of the user, from 1.
-- - valid_from: The version holds from then on; 1970 for the first.
-- - valid_to: And before then; the end of time for the newest.
-- - is_newest: Whether it holds now.
-- - event_time: When it was announced, UTC.
-- - segment: The user's attribute of that name, else country, else occupation, else unknown.
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
      row_number() over (partition by user_id order by event_time, event_id) as version,
      lead(event_time) over (partition by user_id order by event_time, event_id) as valid_to
    from told
  )
select
  user_id,
  version,
  case when version = 1 then timestamp '1970-01-01 00:00:00' else event_time end as valid_from,
  coalesce(valid_to, timestamp '9999-12-31 23:59:59.999999') as valid_to,
  valid_to is null as is_newest,
  event_time,
  segment
from ordered
