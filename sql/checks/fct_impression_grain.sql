-- The mart has one row for each shown row of its facts: its joins neither add nor lose any, and no day of it is left out.
with
  stands as (
    select coalesce(max(batch), -1) as batch from mart_state where mart = 'fct_impression'
  ),
  mart as (
    select day, event_id, count(*) as mart_rows, count(distinct ordinal) as ordinals from fct_impression group by day, event_id
  ),
  shown as (
    select s.day, s.event_id, count(*) as shown_rows, max(f.batch) as batch
    from fact_shown s
    left join (select day, event_id, max(batch) as batch from fact where type = 3 group by day, event_id) f on f.day = s.day and f.event_id = s.event_id
    group by s.day, s.event_id
  )
select coalesce(m.day, s.day) as day, coalesce(m.event_id, s.event_id) as event_id, m.mart_rows, s.shown_rows
from mart m
full join shown s on s.day = m.day and s.event_id = m.event_id
where coalesce(m.day, s.day) not in (select day from mart_due where mart = 'fct_impression')
  and (s.shown_rows is null
    or m.mart_rows is null and s.batch <= (select batch from stands)
    or m.mart_rows <> s.shown_rows
    or m.mart_rows <> m.ordinals)
