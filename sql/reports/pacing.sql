-- Does each ad spend its day's budget along the plan?
-- Grain: one ad and UTC day on which it has a budget and was shown.
-- Inputs: fct_impression.
-- Measures: budget_micros, spend_micros in millionths of the currency; budget_used = spend / budget; pacing_error the greatest distance, at the end of an hour,
-- between the share of the budget spent so far and the share planned, in [0, 1] while the budget holds; worst_hour where it lies (UTC); first_hour, last_hour those with spend.
-- Of spend per thousand impressions, less than a millionth is dropped for each ad and day.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- $curve text even: the plan: 24 weights of the hours joined by commas, as in the policy's pacing curve; even for equal ones
with
  planned as (
    select h.hour, case when $curve = 'even' then 1.0 else cast((string_to_array($curve, ','))[h.hour + 1] as double precision) end as weight
    from (select cast(generate_series as integer) as hour from generate_series(0, 23)) h
  ),
  cumulated as (
    select hour, sum(weight) over (order by hour) / sum(weight) over () as planned_share from planned
  ),
  hourly as (
    select
      day,
      item_id,
      advertiser,
      hour,
      max(daily_budget_micros) as budget_micros,
      cast(sum(spend_thousandths) as bigint) as thousandths
    from fct_impression
    where kind = 'ad' and day between $from and $to
    group by day, item_id, advertiser, hour
  ),
  ad_day as (
    select
      day,
      item_id,
      advertiser,
      max(budget_micros) as budget_micros,
      sum(thousandths) as thousandths,
      min(case when thousandths > 0 then hour end) as first_hour,
      max(case when thousandths > 0 then hour end) as last_hour
    from hourly
    group by day, item_id, advertiser
    having max(budget_micros) > 0
  ),
  course as (
    select
      d.day,
      d.item_id,
      d.advertiser,
      c.hour,
      abs(cast(sum(coalesce(h.thousandths, 0)) over (partition by d.day, d.item_id, d.advertiser order by c.hour) as double precision) / 1000 / d.budget_micros - c.planned_share) as error
    from ad_day d
    cross join cumulated c
    left join hourly h on h.day = d.day and h.item_id = d.item_id and h.advertiser = d.advertiser and h.hour = c.hour
  ),
  worst as (
    select day, item_id, advertiser, hour, error, row_number() over (partition by day, item_id, advertiser order by error desc, hour) as place from course
  )
select
  d.day,
  d.item_id,
  d.advertiser,
  d.budget_micros,
  cast(floor(cast(d.thousandths as double precision) / 1000) as bigint) as spend_micros,
  cast(d.thousandths as double precision) / 1000 / d.budget_micros as budget_used,
  w.error as pacing_error,
  w.hour as worst_hour,
  d.first_hour,
  d.last_hour
from ad_day d
join worst w on w.day = d.day and w.item_id = d.item_id and w.advertiser = d.advertiser and w.place = 1
order by d.day, d.item_id, d.advertiser
