-- Items as they were at each time.
-- Grain: one version of an item (one item event).
-- Inputs: fact_item.
-- Measures: bid_micros, daily_budget_micros in millionths of the currency, ads only.
-- A version holds from valid_from (the first from 1970, so that what was shown early has a kind too) to before valid_to
-- (the newest to the end of time; no null, so that a join on the bounds can hash by item). created is the time of the first version.
-- Columns:
-- - item_id: The item.
-- - version: Of the item, from 1.
-- - valid_from: The version holds from then on; 1970 for the first.
-- - valid_to: And before then; the end of time for the newest.
-- - is_newest: Whether it holds now.
-- - created: Time of the item's first version, UTC.
-- - kind: content or ad.
-- - status: active, paused or deleted.
-- - title: As announced.
-- - category: As announced; null or empty for none.
-- - author: As announced; null or empty for none.
-- - advertiser: Of an ad; null for content.
-- - promotes: Item that an ad is for; null for content and where it names none.
-- - bid_per: thousand, click, conversion: what an ad pays for; null for content.
-- - bid_micros: Bid, millionths of the currency; null for content.
-- - daily_budget_micros: Daily budget, millionths of the currency; null for content.
with
  ordered as (
    select
      v.*,
      row_number() over (partition by v.item_id order by v.event_time, v.event_id) as version,
      lead(v.event_time) over (partition by v.item_id order by v.event_time, v.event_id) as valid_to,
      min(v.event_time) over (partition by v.item_id) as created
    from fact_item v
  )
select
  item_id,
  version,
  case when version = 1 then timestamp '1970-01-01 00:00:00' else event_time end as valid_from,
  coalesce(valid_to, timestamp '9999-12-31 23:59:59.999999') as valid_to,
  valid_to is null as is_newest,
  created,
  kind,
  status,
  title,
  category,
  author,
  advertiser,
  promotes,
  bid_per,
  bid_micros,
  daily_budget_micros
from ordered
