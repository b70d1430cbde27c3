-- Shown, clicked, converted by kind of item and hour of day (UTC).
-- Grain: one kind and hour.
-- Inputs: fct_impression.
-- Measures: shown, clicked, converted in shown items; click_rate, conversion_rate per shown item, in [0, 1].
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- chart line x=hour y=click_rate series=kind: clicks per shown item by hour
with
  counted as (
    select
      kind,
      hour,
      count(*) as shown,
      cast(sum(case when clicks > 0 then 1 else 0 end) as bigint) as clicked,
      cast(sum(case when conversions > 0 then 1 else 0 end) as bigint) as converted
    from fct_impression
    where day between $from and $to
    group by kind, hour
  )
select
  kind,
  hour,
  shown,
  clicked,
  converted,
  cast(clicked as double precision) / shown as click_rate,
  cast(converted as double precision) / shown as conversion_rate
from counted
order by kind, hour
