-- What the mart says is owed on a day is what the facts of bids, showings and answers come to, by each way of bidding. Silent while facts wait for recs marts.
with
  setting as (
    select window_days from mart_setting
  ),
  waiting as (
    select 1 as yes
    from mart_state
    where mart = 'fct_impression'
      and (exists (select 1 from fact where batch > mart_state.batch) or exists (select 1 from mart_due d where d.mart = 'fct_impression'))
  ),
  showing as (
    select f.day, f.event_time, f.event_id, f.request_id, f.user_id, s.ordinal, s.item_id, s.price_micros
    from fact f
    join fact_shown s on s.day = f.day and s.event_id = f.event_id
    where f.type = 3
  ),
  offered as (
    select s.*, i.bid_per, case i.bid_per when 'click' then 1 when 'conversion' then 8 else 0 end as paid_action, s.day - w.window_days as first_day, s.day + w.window_days as last_day
    from showing s
    join dim_item i on i.item_id = s.item_id and s.event_time >= i.valid_from and s.event_time < i.valid_to
    cross join setting w
    where i.bid_per is not null
  ),
  shadowed as (
    select distinct o.day, o.event_id, o.ordinal
    from offered o
    join showing e on e.request_id = o.request_id and e.user_id = o.user_id and e.item_id = o.item_id
      and e.day >= o.first_day and e.event_time <= o.event_time
    where e.event_time < o.event_time or e.event_id < o.event_id or e.event_id = o.event_id and e.ordinal < o.ordinal
  ),
  paid as (
    select distinct o.day, o.event_id, o.ordinal
    from offered o
    join fact a on a.request_id = o.request_id and a.user_id = o.user_id and a.item_id = o.item_id and a.action = o.paid_action
      and a.day >= o.day and a.day <= o.last_day
    where a.type = 4
  ),
  owed as (
    select
      o.day,
      o.bid_per,
      cast(sum(case
        when o.bid_per = 'thousand' then o.price_micros
        when p.day is not null and h.day is null then o.price_micros * 1000
        else 0
      end) as bigint) as thousandths
    from offered o
    left join paid p on p.day = o.day and p.event_id = o.event_id and p.ordinal = o.ordinal
    left join shadowed h on h.day = o.day and h.event_id = o.event_id and h.ordinal = o.ordinal
    group by o.day, o.bid_per
  ),
  said as (
    select day, bid_per, cast(sum(spend_thousandths) as bigint) as thousandths from fct_impression where bid_per is not null group by day, bid_per
  )
select coalesce(o.day, m.day) as day, coalesce(o.bid_per, m.bid_per) as bid_per, o.thousandths as owed, m.thousandths as in_mart
from owed o
full join said m on m.day = o.day and m.bid_per = o.bid_per
where (o.thousandths is null or m.thousandths is null or o.thousandths <> m.thousandths)
  and exists (select 1 from mart_state where mart = 'fct_impression')
  and not exists (select 1 from waiting)
