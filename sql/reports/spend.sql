-- What each advertiser owes, against its budget.
-- Grain: one advertiser.
-- Inputs: fct_spend.
-- Measures: ads distinct; impressions, clicks, conversions in shown items; billable_events what the bids pay for (impressions of bids per thousand,
-- shown items clicked, shown items converted: each is owed once); spend_micros, budget_micros in millionths of the currency,
-- spend in the currency; budget_micros is the daily budget of each ad on each UTC day on which it was shown; budget_used = spend / budget.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- chart bars x=advertiser y=budget_used: share of the budget spent
with
  totalled as (
    select
      advertiser,
      count(distinct item_id) as ads,
      cast(sum(impressions) as bigint) as impressions,
      cast(sum(clicks) as bigint) as clicks,
      cast(sum(conversions) as bigint) as conversions,
      cast(sum(billable_events) as bigint) as billable_events,
      cast(floor(cast(sum(spend_thousandths) as decimal(20, 0)) * 0.001) as bigint) as spend_micros,
      cast(sum(budget_micros) as bigint) as budget_micros
    from fct_spend
    where day between $from and $to
    group by advertiser
  )
select
  advertiser,
  ads,
  impressions,
  clicks,
  conversions,
  billable_events,
  spend_micros,
  cast(spend_micros as double precision) / 1000000 as spend,
  budget_micros,
  case when budget_micros > 0 then cast(spend_micros as double precision) / budget_micros end as budget_used
from totalled
order by spend_micros desc, advertiser
