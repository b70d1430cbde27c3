-- A request whose impression is known has no more items clicked than shown.
with
  shown as (
    select f.request_id, count(distinct s.item_id) as items
    from fact f
    join fact_shown s on s.day = f.day and s.event_id = f.event_id
    where f.type = 3
    group by f.request_id
  ),
  clicked as (
    select request_id, count(distinct item_id) as items
    from fact
    where type = 4 and action = 1 and request_id is not null
    group by request_id
  )
select c.request_id, c.items as clicked, s.items as shown
from clicked c
join shown s on s.request_id = c.request_id
where c.items > s.items
