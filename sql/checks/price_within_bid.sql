-- Content is free, and no ad costs more than the most it ever bid (a slate may have been made before the newest bid was known).
with
  offer as (
    select item_id, max(coalesce(bid_micros, 0)) as bid_micros from fact_item group by item_id
  )
select s.day, s.event_id, s.ordinal, s.item_id, s.price_micros, o.bid_micros
from fact_shown s
left join offer o on o.item_id = s.item_id
where s.price_micros < 0 or s.price_micros > o.bid_micros
