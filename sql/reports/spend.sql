-- What each advertiser owes, against its budget.
-- Grain: one advertiser.
-- Inputs: fct_impression.
-- Measures: ads distinct; impressions, clicks, conversions in shown items; billable_events what the bids pay for (impressions of bids per thousand,
-- shown items clicked, shown items converted: each is owed once); spend_micros, budget_micros in millionths of the currency,
-- spend in the currency; budget_micros is the daily budget of each ad on each UTC day on which it was shown; budget_used = spend / budget.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- chart bars x=advertiser y=budget_used: share of the budget spent
with
  shown as (
    select
      advertiser,
      item_id,
      day,
      daily_budget_micros,
      price_micros,
      clicks,
      conversions,
      bid_per,
      case
        when bid_per = 'thousand' then 1
        when bid_per = 'click' and clicks > 0 then 1
        when bid_per = 'conversion' and conversions > 0 then 1
        else 0
      end as billable
    from fct_impression
    where kind = 'ad' and day between $from and $to
  ),
  ad_day as (
    select
      advertiser,
      item_id,
      day,
      max(daily_budget_micros) as budget_micros,
      count(*) as impressions,
      sum(case when clicks > 0 then 1 else 0 end) as clicks,
      sum(case when conversions > 0 then 1 else 0 end) as conversions,
      sum(billable) as billable_events,
      sum(case when bid_per <> 'thousand' then billable * price_micros else 0 end) as event_micros,
      sum(case when bid_per = 'thousand' then price_micros else 0 end) as thousandth_micros
    from shown
    group by advertiser, item_id, day
  ),
  totalled as (
    select
      advertiser,
      count(distinct item_id) as ads,
      cast(sum(impressions) as bigint) as impressions,
      cast(sum(clicks) as bigint) as clicks,
      cast(sum(conversions) as bigint) as conversions,
      cast(sum(billable_events) as bigint) as billable_events,
      cast(sum(event_micros) as bigint) + cast(floor(cast(sum(thousandth_micros) as double precision) / 1000) as bigint) as spend_micros,
      cast(sum(budget_micros) as bigint) as budget_micros
    from ad_day
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
