-- What each ad owes for each day.
-- Grain: one UTC day, ad and advertiser (whose ad it was when shown) with a showing.
-- Inputs: fct_impression.
-- Measures: impressions, clicks, conversions in shown items (one clicked twice counts once); billable_events what the bids pay for: impressions of bids per
-- thousand, shown items clicked, shown items converted, each owed once; spend_thousandths owed for them, in thousandths of a millionth of the currency;
-- spend_micros the same in whole millionths of the currency: what is below one is dropped here, so sums are taken of the thousandths;
-- budget_micros the day's budget, millionths of the currency: the greatest that the ad had when it was shown that day.
-- What is owed counts on the day of the showing, however many days later the click or conversion came.
-- Columns:
-- - day: UTC day of the showings.
-- - item_id: The ad.
-- - advertiser: Whose ad it was when shown.
-- - impressions: Shown items.
-- - clicks: Shown items clicked.
-- - conversions: Shown items converted.
-- - billable_events: What the bids pay for, each owed once.
-- - spend_thousandths: Owed for them, thousandths of a millionth of the currency.
-- - spend_micros: The same in whole millionths of the currency; what is below one is dropped.
-- - budget_micros: The greatest daily budget that the ad had when shown that day, millionths of the currency.
select
  day,
  item_id,
  advertiser,
  count(*) as impressions,
  cast(sum(case when clicks > 0 then 1 else 0 end) as bigint) as clicks,
  cast(sum(case when conversions > 0 then 1 else 0 end) as bigint) as conversions,
  cast(sum(billable) as bigint) as billable_events,
  cast(sum(spend_thousandths) as bigint) as spend_thousandths,
  cast(floor(cast(sum(spend_thousandths) as decimal(20, 0)) * 0.001) as bigint) as spend_micros,
  max(daily_budget_micros) as budget_micros
from fct_impression
where kind = 'ad'
group by day, item_id, advertiser
