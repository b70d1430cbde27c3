-- Has what is shown changed? Population stability by feature and day against the days before.
-- Grain: one feature and UTC day after the base period.
-- Inputs: fct_impression, fact_item.
-- Measures: shown items of the day; bins met in either period; psi = Σ over bins (p - q) · ln(p / q), p the day's share of the bin, q the base period's, each bin
-- with half a shown item added so that none is empty. By custom, below 0.1 stable, above 0.25 changed.
-- Features: surface, kind, category, position, hour (three hours a bin), price (of ads, powers of two of its micros), propensity (by halves: 1, .5, .25, …; none),
-- item_age (days since first known: 0, 1, 2-3, 4-7, 8-15, …).
-- $from date 1970-01-01: first UTC day of the base period
-- $to date 9999-12-31: last UTC day
-- $base_days integer 7: days of the base period, from the first UTC day with impressions on
-- chart line x=day y=psi series=feature: population stability
with
  item as (
    select item_id, min(day) as first_day from fact_item group by item_id
  ),
  -- Two passes over the shown items, each with few groups; the features are taken apart below.
  placed as (
    select
      day, surface, kind, position,
      cast(floor(cast(hour as double precision) / 3) as integer) as hour_bin,
      case when price_micros > 0 then cast(floor(ln(cast(price_micros as double precision)) / ln(cast(2 as double precision)) + 0.000000001) as integer) else -1 end as price_bin,
      case when propensity > 0 then cast(floor(-ln(propensity) / ln(cast(2 as double precision)) + 0.000000001) as integer) else -1 end as propensity_bin,
      count(*) as n
    from fct_impression
    where day between $from and $to
    group by 1, 2, 3, 4, 5, 6, 7
  ),
  aged as (
    select f.day, coalesce(f.category, '') as category, f.day - i.first_day as age, count(*) as n
    from fct_impression f
    left join item i on i.item_id = f.item_id
    where f.day between $from and $to
    group by 1, 2, 3
  ),
  begun as (
    select min(day) as first_day from placed
  ),
  binned as (
    select day, 'surface' as feature, surface as bin, n from placed
    union all select day, 'kind', kind, n from placed
    union all select day, 'position', cast(position as text), n from placed
    union all select day, 'hour', cast(hour_bin as text), n from placed
    union all select day, 'price', cast(price_bin as text), n from placed where kind = 'ad'
    union all select day, 'propensity', cast(propensity_bin as text), n from placed
    union all select day, 'category', category, n from aged
    union all
    select day, 'item_age', cast(
      case
        when age is null then -1
        when age <= 0 then 0
        else 1 + cast(floor(ln(cast(age as double precision)) / ln(cast(2 as double precision)) + 0.000000001) as integer)
      end as text), n
    from aged
  ),
  counted as (
    select day, feature collate "C" as feature, bin collate "C" as bin, cast(sum(n) as bigint) as n from binned group by day, feature collate "C", bin collate "C"
  ),
  base as (
    select c.feature, c.bin, cast(sum(c.n) as bigint) as n
    from counted c
    cross join begun b
    where c.day < b.first_day + cast($base_days as integer)
    group by c.feature, c.bin
  ),
  later_day as (
    select c.day, c.feature, cast(sum(c.n) as bigint) as n
    from counted c
    cross join begun b
    where c.day >= b.first_day + cast($base_days as integer)
    group by c.day, c.feature
  ),
  bin as (
    select distinct feature, bin from counted
  ),
  sized as (
    select b.feature, count(*) as bins, cast(sum(coalesce(a.n, 0)) as bigint) as base_n
    from bin b
    left join base a on a.feature = b.feature and a.bin = b.bin
    group by b.feature
  ),
  share as (
    select
      d.day,
      d.feature,
      d.n as shown,
      s.bins,
      (coalesce(c.n, 0) + 0.5) / (d.n + 0.5 * s.bins) as p,
      (coalesce(a.n, 0) + 0.5) / (s.base_n + 0.5 * s.bins) as q
    from later_day d
    join sized s on s.feature = d.feature
    join bin b on b.feature = d.feature
    left join counted c on c.day = d.day and c.feature = d.feature and c.bin = b.bin
    left join base a on a.feature = d.feature and a.bin = b.bin
  )
select
  feature,
  day,
  max(shown) as shown,
  max(bins) as bins,
  sum((cast(p as double precision) - cast(q as double precision)) * ln(cast(p as double precision) / cast(q as double precision))) as psi
from share
group by feature, day
order by feature, day
