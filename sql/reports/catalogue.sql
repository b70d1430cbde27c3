-- How much of the catalogue is shown, how evenly, and what new items get.
-- Grain: one UTC day and kind of item.
-- Inputs: fct_impression, fact_item.
-- Measures: items known by the end of the day and not deleted; shown_items of them shown; coverage = shown_items / items; impressions in shown items;
-- gini of the impressions over all known items, 0 even to 1 all on one (items never shown count with 0); top_tenth_share of the impressions on the tenth
-- of the items shown most; new_items first known within $new_days days; new_share of the impressions on them.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- $new_days integer 7: an item is new for so many days
-- chart line x=day y=coverage series=kind: share of the items shown
with
  exposure as (
    select day, kind, item_id, count(*) as impressions from fct_impression where day between $from and $to and kind <> 'unknown' group by day, kind, item_id
  ),
  days as (
    select distinct day from exposure
  ),
  versions as (
    select
      item_id, kind, status, day,
      min(day) over (partition by item_id) as first_day,
      lead(day) over (partition by item_id order by event_time, event_id) as next_day
    from fact_item
  ),
  known as (
    -- The version in force at the end of the day.
    select d.day, v.item_id, v.kind, v.first_day
    from days d
    join versions v on v.day <= d.day and d.day < coalesce(v.next_day, date '9999-12-31') and v.status <> 'deleted'
  ),
  ranked as (
    select
      k.day,
      k.kind,
      coalesce(e.impressions, 0) as impressions,
      case when k.day - k.first_day < $new_days then 1 else 0 end as is_new,
      row_number() over (partition by k.day, k.kind order by coalesce(e.impressions, 0), k.item_id) as place,
      count(*) over (partition by k.day, k.kind) as items
    from known k
    left join exposure e on e.day = k.day and e.kind = k.kind and e.item_id = k.item_id
  )
select
  day,
  kind,
  max(items) as items,
  cast(sum(case when impressions > 0 then 1 else 0 end) as bigint) as shown_items,
  cast(sum(case when impressions > 0 then 1 else 0 end) as double precision) / max(items) as coverage,
  cast(sum(impressions) as bigint) as impressions,
  case when sum(impressions) > 0 then
    2 * cast(sum(place * impressions) as double precision) / (max(items) * cast(sum(impressions) as double precision)) - (max(items) + 1) / cast(max(items) as double precision)
  end as gini,
  case when sum(impressions) > 0 then
    cast(sum(case when place > items - ceil(cast(items as double precision) / 10) then impressions else 0 end) as double precision) / cast(sum(impressions) as double precision)
  end as top_tenth_share,
  cast(sum(is_new) as bigint) as new_items,
  case when sum(impressions) > 0 then cast(sum(is_new * impressions) as double precision) / cast(sum(impressions) as double precision) end as new_share
from ranked
group by day, kind
order by day, kind
