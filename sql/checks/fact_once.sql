-- An event is kept once: no two facts have one day and event id.
select day, event_id, count(*) as copies
from fact
group by day, event_id
having count(*) > 1
