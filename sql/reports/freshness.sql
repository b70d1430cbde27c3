-- How late events become known, and how far each kind of data reaches.
-- Grain: one UTC day of the events and type of event.
-- Inputs: fact.
-- Measures: events; newest_event the latest event time; newest_known when the last of them became known; mean_seconds, longest_seconds from happening to being
-- known (imported histories carry their own times, so theirs tell nothing); over_minute, over_hour, over_day the share of the events known later than that.
-- $from date 1970-01-01: first UTC day of the events
-- $to date 9999-12-31: last UTC day of the events
-- chart line x=day y=mean_seconds series=type: seconds from happening to being known
with
  lagged as (
    select
      day,
      case type when 1 then 'item' when 2 then 'user' when 3 then 'impression' else 'interaction' end as type,
      event_time,
      known_time,
      cast(extract(epoch from known_time - event_time) as double precision) as seconds
    from fact
    where day between $from and $to
  )
select
  day,
  type,
  count(*) as events,
  max(event_time) as newest_event,
  max(known_time) as newest_known,
  avg(seconds) as mean_seconds,
  max(seconds) as longest_seconds,
  cast(sum(case when seconds > 60 then 1 else 0 end) as double precision) / count(*) as over_minute,
  cast(sum(case when seconds > 3600 then 1 else 0 end) as double precision) / count(*) as over_hour,
  cast(sum(case when seconds > 86400 then 1 else 0 end) as double precision) / count(*) as over_day
from lagged
group by day, type
order by day, type
