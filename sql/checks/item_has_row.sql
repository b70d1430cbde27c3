-- Each item event has exactly one row in fact_item, and each such row its event.
with
  event as (
    select day, event_id, count(*) as copies from fact where type = 1 group by day, event_id
  ),
  part as (
    select day, event_id, count(*) as copies from fact_item group by day, event_id
  )
select coalesce(e.day, p.day) as day, coalesce(e.event_id, p.event_id) as event_id, e.copies as events, p.copies as parts
from event e
full join part p on p.day = e.day and p.event_id = e.event_id
where e.copies is null or p.copies is null or p.copies <> 1
