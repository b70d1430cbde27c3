-- What ads earn: revenue, eCPM, and the price paid against the bid.
-- Grain: one value of what is grouped by, ads only.
-- Inputs: fct_impression.
-- Measures: impressions in shown items; billable_events what the bids pay for (see report spend); revenue_micros in millionths of the currency,
-- revenue in the currency; ecpm = revenue per thousand impressions, in the currency; price, bid the means over billable events, in the currency for one
-- billable event (for a bid per thousand: for a thousand impressions); price_to_bid = Σ price / Σ bid, at most 1.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- $by one-of(advertiser,campaign,surface,position,category,bid,day,hour) advertiser: what to group by; campaign is an ad, bid what it pays for
-- chart bars x=value y=ecpm: revenue per thousand impressions
with
  priced as (
    select
      (case $by
        when 'advertiser' then coalesce(advertiser, '')
        when 'campaign' then item_id
        when 'surface' then surface
        when 'position' then cast(position as text)
        when 'category' then coalesce(category, '')
        when 'bid' then coalesce(bid_per, '')
        when 'day' then cast(day as text)
        else cast(hour as text)
      end) collate "C" as value,
      cast(case $by when 'position' then position when 'hour' then hour else 0 end as integer) as place,
      price_micros,
      bid_micros,
      billable,
      spend_thousandths
    from fct_impression
    where kind = 'ad' and day between $from and $to
  ),
  summed as (
    select
      value,
      place,
      count(*) as impressions,
      cast(sum(billable) as bigint) as billable_events,
      cast(sum(spend_thousandths) as bigint) as thousandths,
      cast(sum(billable * price_micros) as bigint) as price_micros,
      cast(sum(billable * bid_micros) as bigint) as bid_micros
    from priced
    group by value, place
  )
select
  value,
  impressions,
  billable_events,
  cast(floor(cast(thousandths as double precision) / 1000) as bigint) as revenue_micros,
  cast(thousandths as double precision) / 1000000000 as revenue,
  cast(thousandths as double precision) / 1000000 / impressions as ecpm,
  case when billable_events > 0 then cast(price_micros as double precision) / billable_events / 1000000 end as price,
  case when billable_events > 0 then cast(bid_micros as double precision) / billable_events / 1000000 end as bid,
  case when bid_micros > 0 then cast(price_micros as double precision) / bid_micros end as price_to_bid
from summed
order by place, value
