-- Users as they are now.
-- Grain: one user who was ever announced.
-- Inputs: dim_user_version.
-- The newest version of dim_user_version, segment as there; created and changed are the times of the first and the newest version, versions their number.
-- Columns:
-- - user_id: The user.
-- - segment: Now; unknown where none was given.
-- - created: Time of the first version, UTC.
-- - changed: Time of the newest version, UTC.
-- - versions: How many.
select user_id, segment, created, event_time as changed, version as versions
from (select v.*, min(event_time) over (partition by user_id) as created from dim_user_version v) v
where is_newest
