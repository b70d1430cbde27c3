-- Which clusters of embeddings (items whose texts are about the same) are clicked and convert more than others, with 95 % intervals of the click rate.
-- Grain: one cluster of the newest embedding version that clusters were made of.
-- Inputs: fct_impression, dim_item_cluster, dim_item.
-- Measures: items of the cluster; shown, clicked in shown items (one clicked twice counts once); click_rate = clicked / shown, empty where nothing was shown;
-- lowest, highest the bounds of Wilson's 95 % interval (Wilson 1927; z = 1.959964); lift = click_rate / that of all items with a cluster - 1; converted,
-- conversion_rate, conversion_lift the same of shown items converted; nearest the item nearest to the cluster's centre, which stands for it, nearest_title its
-- title now, cosine its nearness, 1 at the centre itself. Shown items of one page are taken as independent, so intervals are somewhat narrow.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- chart bars x=cluster y=lift: click rate against that of all clusters
-- chart bars x=cluster y=conversion_lift: conversion rate against that of all clusters
with
  member as (
    select item_id, cluster, items, place, cosine from dim_item_cluster
  ),
  item as (
    select item_id, count(*) as shown, sum(case when clicks > 0 then 1 else 0 end) as clicked, sum(case when conversions > 0 then 1 else 0 end) as converted
    from fct_impression
    where day between $from and $to
    group by item_id
  ),
  counted as (
    select m.cluster, cast(sum(i.shown) as bigint) as shown, cast(sum(i.clicked) as bigint) as clicked, cast(sum(i.converted) as bigint) as converted
    from member m
    join item i on i.item_id = m.item_id
    group by m.cluster
  ),
  rated as (
    select
      cluster, shown, clicked, converted,
      cast(clicked as double precision) / shown as click_rate,
      cast(converted as double precision) / shown as conversion_rate
    from counted
  ),
  overall as (
    select
      cast(sum(clicked) as double precision) / cast(sum(shown) as double precision) as click_rate,
      cast(sum(converted) as double precision) / cast(sum(shown) as double precision) as conversion_rate
    from counted
  )
select
  m.cluster,
  m.items,
  coalesce(r.shown, 0) as shown,
  coalesce(r.clicked, 0) as clicked,
  r.click_rate,
  case when r.shown > 0 then
    greatest(0.0, (r.click_rate + 1.920729410347062 / r.shown - 1.959963984540054 * sqrt((r.click_rate * (1 - r.click_rate) + 0.9603647051735310 / r.shown) / r.shown)) / (1 + 3.841458820694124 / r.shown))
  end as lowest,
  case when r.shown > 0 then
    least(1.0, (r.click_rate + 1.920729410347062 / r.shown + 1.959963984540054 * sqrt((r.click_rate * (1 - r.click_rate) + 0.9603647051735310 / r.shown) / r.shown)) / (1 + 3.841458820694124 / r.shown))
  end as highest,
  case when o.click_rate > 0 then r.click_rate / o.click_rate - 1 end as lift,
  coalesce(r.converted, 0) as converted,
  r.conversion_rate,
  case when o.conversion_rate > 0 then r.conversion_rate / o.conversion_rate - 1 end as conversion_lift,
  m.item_id as nearest,
  t.title as nearest_title,
  m.cosine
from member m
left join rated r on r.cluster = m.cluster
left join (select item_id, title from dim_item where is_newest) t on t.item_id = m.item_id
cross join overall o
where m.place = 1
order by m.cluster
