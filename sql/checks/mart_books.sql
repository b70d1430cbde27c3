-- What the marts' books say is what the marts hold: each day of fct_impression that is not due has the rows of its facts, and the clusters are those that were written down.
-- Days are left alone while facts wait for recs marts. stated is what the books or the facts say, found what is there.
with
  stands as (
    select batch, epoch from mart_state where mart = 'fct_impression'
  ),
  settled as (
    -- After a replay every day is due, and not yet written down.
    select s.batch from stands s join fact_retention r on r.epoch = s.epoch
  ),
  waiting as (
    -- Also days that gained facts since the books were closed.
    select day from mart_due where mart = 'fct_impression'
    union
    select f.day from fact f cross join stands s where f.type = 3 and f.batch > s.batch
  ),
  held as (
    select day, count(*) as mart_rows from fct_impression group by day
  ),
  shown as (
    select day, count(*) as shown_rows from fact_shown group by day
  ),
  days as (
    select coalesce(h.day, s.day) as day, coalesce(s.shown_rows, 0) as stated, coalesce(h.mart_rows, 0) as found
    from held h
    full join shown s on s.day = h.day
  ),
  clusters as (
    select version, count(*) as items, count(distinct cluster) as clusters, max(cluster) as highest from item_cluster group by version
  )
select 'fct_impression' as mart, cast(d.day as text) as part, 'rows of the day' as what, d.stated, d.found
from days d
where d.stated <> d.found and exists (select 1 from settled) and d.day not in (select day from waiting)
union all
select 'fct_impression', '', 'rows without a state', 0, count(*) from fct_impression where not exists (select 1 from stands) having count(*) > 0
union all
select m.mart, cast(m.day as text), 'a day due of a mart without a state', 0, 1 from mart_due m where m.mart not in (select mart from mart_state)
union all
select m.mart, '', 'epoch, at most that of the facts', r.epoch, m.epoch from mart_state m cross join fact_retention r where m.epoch > r.epoch
union all
select 'dim_item_cluster', c.version, 'items with a cluster', s.items, c.items from clusters c join item_cluster_state s on s.version = c.version where s.items <> c.items
union all
select 'dim_item_cluster', c.version, 'clusters, numbered from 1 without a gap', s.clusters, c.clusters
from clusters c
join item_cluster_state s on s.version = c.version
where s.clusters <> c.clusters or s.clusters <> c.highest
union all
select 'dim_item_cluster', c.version, 'items of a version that was not written down', 0, c.items from clusters c where c.version not in (select version from item_cluster_state)
union all
select 'dim_item_cluster', s.version, 'items with a cluster', s.items, 0 from item_cluster_state s where s.items > 0 and s.version not in (select version from clusters)
union all
select 'dim_item_cluster', item_id, 'cosine in [-1, 1], cluster from 1', 0, count(*) from item_cluster where not (cosine between -1 and 1) or cluster < 1 group by item_id
