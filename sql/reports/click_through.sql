-- How often what is shown is clicked, by what you name, with 95 % intervals.
-- Grain: one value of what is grouped by; for campaign (an ad) and advertiser, ads only.
-- Inputs: fct_impression.
-- Measures: shown, clicked in shown items (one clicked twice counts once); click_rate = clicked / shown; lowest, highest the bounds of Wilson's 95 % interval
-- (Wilson 1927; z = 1.959964); lift = click_rate / that of all rows - 1. Shown items of one page are taken as independent, so intervals are somewhat narrow.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- $by one-of(surface,position,kind,category,segment,advertiser,campaign,day,weekday,hour) surface: what to group by; weekdays from 1, Monday; hours in UTC
-- chart bars x=value y=click_rate: clicks per shown item
with
  named as (
    select
      (case $by
        when 'surface' then surface
        when 'position' then cast(position as text)
        when 'kind' then kind
        when 'category' then coalesce(category, '')
        when 'segment' then segment
        when 'advertiser' then coalesce(advertiser, '')
        when 'campaign' then item_id
        when 'day' then cast(day as text)
        when 'weekday' then cast(extract(isodow from day) as text)
        else cast(hour as text)
      end) collate "C" as value,
      cast(case $by when 'position' then position when 'hour' then hour else 0 end as integer) as place,
      case when clicks > 0 then 1 else 0 end as click
    from fct_impression
    where day between $from and $to and ($by not in ('advertiser', 'campaign') or kind = 'ad')
  ),
  counted as (
    select
      value,
      place,
      count(*) as shown,
      cast(sum(click) as bigint) as clicked,
      cast(sum(click) as double precision) / count(*) as click_rate
    from named
    group by value, place
  ),
  overall as (
    select cast(sum(clicked) as double precision) / sum(shown) as rate from counted
  )
select
  c.value,
  c.shown,
  c.clicked,
  c.click_rate,
  greatest(0.0, (c.click_rate + 1.920729410347062 / c.shown - 1.959963984540054 * sqrt((c.click_rate * (1 - c.click_rate) + 0.9603647051735310 / c.shown) / c.shown)) / (1 + 3.841458820694124 / c.shown)) as lowest,
  least(1.0, (c.click_rate + 1.920729410347062 / c.shown + 1.959963984540054 * sqrt((c.click_rate * (1 - c.click_rate) + 0.9603647051735310 / c.shown) / c.shown)) / (1 + 3.841458820694124 / c.shown)) as highest,
  case when o.rate > 0 then c.click_rate / o.rate - 1 end as lift
from counted c
cross join overall o
order by c.place, c.value
