-- Clicks.
-- Grain: one click (one interaction event of that kind).
-- Inputs: fact, dim_item (as it was when clicked).
-- request_id is null where the click names none.
-- Columns:
-- - day: UTC day of event_time.
-- - hour: Hour of event_time, UTC, 0 to 23.
-- - event_time: When it happened, UTC.
-- - event_id: Of the click.
-- - request_id: The rank request that it answers; null where it names none.
-- - user_id: Who clicked.
-- - item_id: What was clicked.
-- - kind: content, ad; unknown where nobody has announced the item.
-- - category: Of the item when clicked.
-- - author: Of the item when clicked.
-- - advertiser: Of the ad when clicked; null for content.
-- - promotes: Item that the ad was for when clicked; null for content and where it names none.
select
  f.day,
  cast(extract(hour from f.event_time) as integer) as hour,
  f.event_time,
  f.event_id,
  f.request_id,
  f.user_id,
  f.item_id,
  coalesce(i.kind, 'unknown') as kind,
  i.category,
  i.author,
  i.advertiser,
  i.promotes
from fact f
left join dim_item i on i.item_id = f.item_id and f.event_time >= i.valid_from and f.event_time < i.valid_to
where f.type = 4 and f.action = 1
