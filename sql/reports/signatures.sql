-- Which router signatures (the experts that an item's text went to) are clicked more than others.
-- Grain: one signature of the newest embedding version, or its first layers.
-- Inputs: fct_impression, item_embedding, embedding_version.
-- Measures: items with the signature; shown, clicked in shown items; click_rate = clicked / shown; lift = click_rate / that of all items with a signature - 1;
-- z the distance from that rate in standard errors, each shown item taken as independent: with many signatures a few are far off by chance.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- $layers integer 2: how many layers of the signature tell items apart
-- chart bars x=signature y=lift: click rate against that of all
with
  newest as (
    select version from embedding_version order by saved desc limit 1
  ),
  signed as (
    select
      e.item_id,
      array_to_string((string_to_array(e.signature, '-'))[1:cast($layers as integer)], '-') collate "C" as signature
    from item_embedding e
    join newest n on n.version = e.version
    where e.signature <> ''
  ),
  sized as (
    select signature, count(*) as items from signed group by signature
  ),
  item as (
    select item_id, count(*) as shown, sum(case when clicks > 0 then 1 else 0 end) as clicked
    from fct_impression
    where day between $from and $to
    group by item_id
  ),
  counted as (
    select s.signature, cast(sum(i.shown) as bigint) as shown, cast(sum(i.clicked) as bigint) as clicked
    from signed s
    join item i on i.item_id = s.item_id
    group by s.signature
  ),
  overall as (
    select cast(sum(clicked) as double precision) / cast(sum(shown) as double precision) as rate from counted
  )
select
  c.signature,
  z.items,
  c.shown,
  c.clicked,
  cast(c.clicked as double precision) / c.shown as click_rate,
  case when o.rate > 0 then cast(c.clicked as double precision) / c.shown / o.rate - 1 end as lift,
  case when o.rate > 0 and o.rate < 1 then (cast(c.clicked as double precision) / c.shown - o.rate) / sqrt(o.rate * (1 - o.rate) / c.shown) end as z
from counted c
join sized z on z.signature = c.signature
cross join overall o
order by c.signature
