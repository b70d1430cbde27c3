-- Conversions, and what each is put down to.
-- Grain: one conversion (one interaction event of that kind).
-- Inputs: fact, fct_click, fct_impression, mart_setting.
-- Measures: value_micros in millionths of the currency; lag_ms from what it is put down to, in milliseconds.
-- attribution: request, the first showing of the item to the user for the request that the conversion names; else click, the user's last click on the
-- item or on an ad that promotes it; else shown, the user's last such showing; else none. All of them at or before the conversion and on its UTC day or on
-- one of the window's days before it. touched_item is what was shown or clicked, touch_event_id its impression or click.
-- Columns:
-- - day: UTC day of event_time.
-- - hour: Hour of event_time, UTC, 0 to 23.
-- - event_time: When it happened, UTC.
-- - event_id: Of the conversion.
-- - request_id: The rank request that it names; null where it names none.
-- - user_id: Who.
-- - item_id: What was bought, or whatever converted.
-- - value_micros: Its worth, millionths of the currency.
-- - attribution: request, click, shown or none: how it was put down to what the user met before.
-- - touched_item: What was shown or clicked; null for none.
-- - touch_event_id: Impression or click that it is put down to; null for none.
-- - advertiser: Of what was shown or clicked; null for content and none.
-- - lag_ms: From that to the conversion, milliseconds; null for none.
with
  conversion as (
    select f.day, f.event_id, f.event_time, f.request_id, f.user_id, f.item_id, f.value_micros, f.day - s.window_days as first_day
    from fact f
    cross join mart_setting s
    where f.type = 4 and f.action = 8
  ),
  click as (
    select day, event_id, event_time, user_id, item_id, advertiser, item_id as target from fct_click
    union all
    select day, event_id, event_time, user_id, item_id, advertiser, promotes as target from fct_click where promotes is not null
  ),
  shown as (
    select day, event_id, event_time, user_id, item_id, advertiser, item_id as target from fct_impression
    union all
    select day, event_id, event_time, user_id, item_id, advertiser, promotes as target from fct_impression where promotes is not null
  ),
  touch as (
    select c.day, c.event_id, 1 as choice, t.event_time, t.event_id as touch_event_id, t.item_id as touched_item, t.advertiser
    from conversion c
    join fct_impression t on t.request_id = c.request_id and t.user_id = c.user_id and t.item_id = c.item_id and t.day >= c.first_day and t.event_time <= c.event_time
    union all
    select c.day, c.event_id, 2 as choice, t.event_time, t.event_id as touch_event_id, t.item_id as touched_item, t.advertiser
    from conversion c
    join click t on t.user_id = c.user_id and t.target = c.item_id and t.day >= c.first_day and t.event_time <= c.event_time
    union all
    select c.day, c.event_id, 3 as choice, t.event_time, t.event_id as touch_event_id, t.item_id as touched_item, t.advertiser
    from conversion c
    join shown t on t.user_id = c.user_id and t.target = c.item_id and t.day >= c.first_day and t.event_time <= c.event_time
  ),
  chosen as (
    select
      t.*,
      row_number() over (
        partition by day, event_id
        order by
          choice,
          case when choice = 1 then event_time end,
          case when choice > 1 then event_time end desc,
          touch_event_id, touched_item
      ) as place
    from touch t
  )
select
  c.day,
  cast(extract(hour from c.event_time) as integer) as hour,
  c.event_time,
  c.event_id,
  c.request_id,
  c.user_id,
  c.item_id,
  c.value_micros,
  case t.choice when 1 then 'request' when 2 then 'click' when 3 then 'shown' else 'none' end as attribution,
  t.touched_item,
  t.touch_event_id,
  t.advertiser,
  cast(floor(extract(epoch from c.event_time - t.event_time) * 1000 + 0.5) as bigint) as lag_ms
from conversion c
left join (select * from chosen where place = 1) t on t.day = c.day and t.event_id = c.event_id
