-- Each shown row belongs to an impression, and each impression shows something.
with
  impression as (
    select day, event_id from fact where type = 3
  ),
  list as (
    select day, event_id, count(*) as shown from fact_shown group by day, event_id
  )
select coalesce(i.day, l.day) as day, coalesce(i.event_id, l.event_id) as event_id, l.shown
from impression i
full join list l on l.day = i.day and l.event_id = i.event_id
where i.event_id is null or l.event_id is null
