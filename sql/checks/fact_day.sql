-- A fact lies in the UTC day of its event time.
select day, event_id, event_time
from fact
where day <> cast(event_time as date)
