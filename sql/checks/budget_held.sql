-- Once an ad is known to have spent its budget of a UTC day, the ranking API puts it on at most one more page that is billed.
-- The API prices an ad at no more than what is left of the day's budget by the facts that it knows, and takes it out where nothing is left. So only what it cannot
-- know passes a budget, and that is what is tolerated here: 1. what pages shown before still bring (a click on a page of the morning is owed however late it comes);
-- 2. spend that had become known less than a minute before a decision was made, since every server reads the stream a little behind; 3. beyond those, the most that
-- one shown item of the ad owes on that day: one page that was on its way when the spend was reported. What is left after that was sold knowingly.
-- Looked at are ads placed by a decision of the ledger and shown on its UTC day: nobody held imported showings to a budget, though what they owe counts as spent.
-- Where a stream is stamped later than its events happened (a day that is simulated), nothing was known before a decision, and there is nothing to hold against it.
-- The budget is the greatest that the ad had when shown that day; spend counts by the bid's way of paying, as the API's own ledger counts it.
with
  bought as (
    select
      day, event_id, event_time, request_id, user_id, item_id, bid_per, daily_budget_micros, spend_thousandths, day + s.window_days as last_day,
      case bid_per when 'click' then 1 when 'conversion' then 8 end as paid_action
    from fct_impression
    cross join mart_setting s
    where kind = 'ad' and spend_thousandths > 0
  ),
  answered as (
    -- The first answer that pays: known when its event is.
    select b.day, b.event_id, b.item_id, min(greatest(a.event_time, a.known_time)) as paid_at
    from bought b
    join fact a on a.request_id = b.request_id and a.user_id = b.user_id and a.item_id = b.item_id and a.action = b.paid_action and a.day >= b.day and a.day <= b.last_day
    where a.type = 4
    group by b.day, b.event_id, b.item_id
  ),
  payment as (
    select b.day, b.item_id, b.bid_per, b.spend_thousandths, a.paid_at
    from bought b
    join answered a on a.day = b.day and a.event_id = b.event_id and a.item_id = b.item_id
    union all
    select b.day, b.item_id, b.bid_per, b.spend_thousandths, greatest(f.event_time, f.known_time) as paid_at
    from bought b
    join fact f on f.day = b.day and f.event_id = b.event_id
    where b.bid_per = 'thousand' and f.type = 3
  ),
  placed as (
    -- Of several decisions of a request the first: it knew least.
    select d.day, d.request_id, d.user_id, p.item_id, min(d.decided_at) as decided_at
    from decision d
    join decision_place p on p.decision_id = d.decision_id
    where p.kind = 'ad'
    group by d.day, d.request_id, d.user_id, p.item_id
  ),
  moment as (
    -- At one moment a decision comes before what becomes known.
    select day, item_id, bid_per, paid_at + interval '1 minute' as told_at, 1 as is_payment, spend_thousandths from payment
    union all
    select b.day, b.item_id, b.bid_per, p.decided_at as told_at, 0 as is_payment, b.spend_thousandths
    from bought b
    join placed p on p.day = b.day and p.request_id = b.request_id and p.user_id = b.user_id and p.item_id = b.item_id
  ),
  course as (
    select
      day, item_id, bid_per, is_payment, spend_thousandths,
      sum(is_payment * spend_thousandths) over (partition by day, item_id, bid_per order by told_at, is_payment rows between unbounded preceding and current row) as known_thousandths
    from moment
  ),
  budget as (
    select day, item_id, bid_per, max(daily_budget_micros) as budget_micros, max(spend_thousandths) as most_thousandths, cast(sum(spend_thousandths) as bigint) as spend_thousandths
    from bought
    group by day, item_id, bid_per
  )
select
  c.day, c.item_id, c.bid_per, b.budget_micros, b.spend_thousandths, b.most_thousandths as tolerated_thousandths,
  count(*) as late_items, cast(sum(c.spend_thousandths) as bigint) as late_thousandths
from course c
join budget b on b.day = c.day and b.item_id = c.item_id and b.bid_per = c.bid_per
where c.is_payment = 0 and c.known_thousandths >= b.budget_micros * 1000
group by c.day, c.item_id, c.bid_per, b.budget_micros, b.spend_thousandths, b.most_thousandths
having sum(c.spend_thousandths) > b.most_thousandths
