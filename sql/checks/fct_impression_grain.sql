-- The mart has one row for each shown row: its joins neither add nor lose any.
with
  mart as (
    select day, event_id, count(*) as mart_rows from fct_impression group by day, event_id
  ),
  shown as (
    select day, event_id, count(*) as shown_rows from fact_shown group by day, event_id
  )
select coalesce(m.day, s.day) as day, coalesce(m.event_id, s.event_id) as event_id, m.mart_rows, s.shown_rows
from mart m
full join shown s on s.day = m.day and s.event_id = m.event_id
where m.mart_rows is null or s.shown_rows is null or m.mart_rows <> s.shown_rows
