-- What was shown and what came of it.
-- Grain: one shown item of an impression.
-- Inputs: fact, fact_shown, dim_item (as it was when shown).
-- Measures: clicks, likes, hides, conversions in events; conversion_micros, price_micros, bid_micros, daily_budget_micros in
-- millionths of the currency; dwell_ms in milliseconds; propensity a probability in (0, 1].
-- An interaction counts for its user's request and item; where a request showed an item twice, for the first showing only.
with
  shown as (
    select
      f.day, f.event_id, f.event_time, f.request_id, f.user_id, f.surface,
      s.ordinal, s.position, s.item_id, s.propensity, s.price_micros,
      row_number() over (partition by f.request_id, f.user_id, s.item_id order by f.event_time, f.event_id, s.ordinal) as showing
    from fact f
    join fact_shown s on s.day = f.day and s.event_id = f.event_id
    where f.type = 3
  ),
  credited as (
    -- A join on equal keys alone is hashed by every engine: later showings have a key that equals none.
    select *, case when showing = 1 then request_id end as credited_request from shown
  ),
  response as (
    select
      request_id, user_id, item_id,
      cast(sum(case when action = 1 then 1 else 0 end) as bigint) as clicks,
      cast(sum(case when action = 3 then 1 else 0 end) as bigint) as likes,
      cast(sum(case when action = 6 then 1 else 0 end) as bigint) as hides,
      cast(sum(case when action = 8 then 1 else 0 end) as bigint) as conversions,
      cast(sum(case when action = 8 then value_micros else 0 end) as bigint) as conversion_micros,
      cast(sum(dwell_ms) as bigint) as dwell_ms
    from fact
    where type = 4 and request_id is not null
    group by request_id, user_id, item_id
  )
select
  s.day,
  cast(extract(hour from s.event_time) as integer) as hour,
  s.event_time,
  s.event_id,
  s.ordinal,
  s.request_id,
  s.user_id,
  s.surface,
  s.position,
  s.item_id,
  coalesce(i.kind, 'unknown') as kind,
  i.category,
  i.advertiser,
  i.bid_per,
  i.bid_micros,
  i.daily_budget_micros,
  s.propensity,
  s.price_micros,
  coalesce(r.clicks, 0) as clicks,
  coalesce(r.likes, 0) as likes,
  coalesce(r.hides, 0) as hides,
  coalesce(r.conversions, 0) as conversions,
  coalesce(r.conversion_micros, 0) as conversion_micros,
  coalesce(r.dwell_ms, 0) as dwell_ms
from credited s
left join response r on r.request_id = s.credited_request and r.user_id = s.user_id and r.item_id = s.item_id
left join dim_item i on i.item_id = s.item_id and s.event_time >= i.valid_from and s.event_time < i.valid_to
