-- The days of fct_impression that facts of the batches after $after, up to $upto, may have changed. More days than those cost time; fewer would be a fault.
-- A showing decides over later ones of its request, within the window; an answer counts for an earlier one. Versions of an item or a user change the showings
-- in the time for which they hold, and an item's first version is the item's beginning on all of them.
with
  fresh as materialized (
    select type, day, event_id, user_id, item_id, request_id from fact where batch > $after and batch <= $upto
  ),
  asked as materialized (
    select distinct type, day, request_id, user_id from fresh where type in (3, 4) and request_id is not null
  ),
  bound as (
    select min(day) - cast($window as integer) as first, max(day) + cast($window as integer) as last from asked
  ),
  item_version as (
    select
      v.item_id, v.day, v.event_id, v.event_time,
      row_number() over (partition by v.item_id order by v.event_time, v.event_id) as version,
      count(*) over (partition by v.item_id) as versions,
      coalesce(lead(v.event_time) over (partition by v.item_id order by v.event_time, v.event_id), timestamp '9999-12-31 23:59:59.999999') as valid_to
    from fact_item v
    where v.item_id in (select item_id from fresh where type = 1)
  ),
  fresh_version as materialized (
    select
      v.item_id, v.version, v.versions, v.event_time, v.valid_to,
      case when v.version = 1 then timestamp '1970-01-01 00:00:00' else v.event_time end as valid_from
    from item_version v
    join fresh n on n.day = v.day and n.event_id = v.event_id
    where n.type = 1
  ),
  -- By the rule of dim_user_version, of these users alone.
  user_version as (
    select
      user_id, day, event_id, payload,
      case when lag(event_time) over told_in_order is null then timestamp '1970-01-01 00:00:00' else event_time end as valid_from,
      coalesce(lead(event_time) over told_in_order, timestamp '9999-12-31 23:59:59.999999') as valid_to
    from fact
    where type = 2 and user_id in (select user_id from fresh where type = 2)
    window told_in_order as (partition by user_id order by event_time, event_id)
  ),
  fresh_told as (
    select v.user_id, v.valid_from, v.valid_to, cast(v.payload as json) -> 'attributes' as attributes
    from user_version v
    join fresh n on n.day = v.day and n.event_id = v.event_id
    where n.type = 2
  ),
  fresh_user as materialized (
    select
      user_id, valid_from, valid_to, valid_from = timestamp '1970-01-01 00:00:00' as is_first,
      coalesce(attributes ->> 'segment', attributes ->> 'country', attributes ->> 'occupation', 'unknown') as segment
    from fresh_told
  )
select day from fresh where type = 3
union
select f.day
from asked n
join fact f on f.request_id = n.request_id and f.user_id = n.user_id
  and f.day >= n.day - cast($window as integer) and f.day <= n.day + cast($window as integer)
where f.type = 3
  and f.day between (select first from bound) and (select last from bound)
  and (n.type = 3 and f.day >= n.day or n.type = 4 and f.day <= n.day)
union
-- The only version of an item changes nothing but its beginning, next.
select m.day
from fresh_version v
join fct_impression m on m.item_id = v.item_id and m.event_time >= v.valid_from and m.event_time < v.valid_to
where v.versions > 1 and m.day >= (select min(cast(valid_from as date)) from fresh_version where versions > 1)
union
select m.day
from fresh_version v
join fct_impression m on m.item_id = v.item_id
where v.version = 1 and (m.item_created is null or m.item_created <> v.event_time)
union
select m.day
from fresh_user v
join fct_impression m on m.user_id = v.user_id and m.event_time >= v.valid_from and m.event_time < v.valid_to
where not v.is_first and m.segment <> v.segment and m.day >= (select min(cast(valid_from as date)) from fresh_user where not is_first)
union
select m.day
from fresh_user v
join fct_impression m on m.user_id = v.user_id and m.event_time < v.valid_to
where v.is_first and m.segment <> v.segment
