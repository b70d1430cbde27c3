-- What was shown and what came of it.
-- Grain: one shown item of an impression.
-- Inputs: fact, fact_shown, dim_item and dim_user_version (as they were when shown).
-- Measures: clicks, likes, hides, conversions in events; conversion_micros, price_micros, bid_micros, daily_budget_micros in
-- millionths of the currency; dwell_ms in milliseconds; propensity a probability in (0, 1]; billable 1 where what the bid pays for happened, else 0;
-- spend_thousandths what is owed for it, in thousandths of a millionth of the currency (a bid per thousand owes a thousandth of its price).
-- page_ads the ads of the impression, this item included where it is one; ordinal is 0 for one item of each impression.
-- An interaction counts for the showing of its user's request and item, on the showing's UTC day and the window's days after it. Where the item was shown
-- before to the same user for the same request within the window's days before, the later showing is credited with nothing: so none counts twice,
-- and a day depends on the facts of the days from $from - $window to $to + $window alone.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- $window integer 7: days
with
  page as (
    select day, event_id, event_time, request_id, user_id, surface
    from fact
    where type = 3 and day between cast($from as date) - cast($window as integer) and cast($to as date)
  ),
  -- Requests with several pages: only of these are pages of the days before wanted, and there are few.
  again as (
    select request_id, user_id from page group by request_id, user_id having count(*) > 1
  ),
  placed as (
    select
      p.day, p.event_id, p.event_time, p.request_id, p.user_id, p.surface,
      s.ordinal, s.position, s.item_id, s.propensity, s.price_micros
    from page p
    join fact_shown s on s.day = p.day and s.event_id = p.event_id
    where p.day >= cast($from as date) and s.day between cast($from as date) and cast($to as date)
    union all
    select
      p.day, p.event_id, p.event_time, p.request_id, p.user_id, p.surface,
      s.ordinal, s.position, s.item_id, s.propensity, s.price_micros
    from again a
    join page p on p.request_id = a.request_id and p.user_id = a.user_id
    join fact_shown s on s.day = p.day and s.event_id = p.event_id
    where p.day < cast($from as date) and s.day >= cast($from as date) - cast($window as integer) and s.day < cast($from as date)
  ),
  shown as (
    select *, day - lag(day) over (partition by request_id, user_id, item_id order by event_time, event_id, ordinal) as days_since
    from placed
  ),
  wanted as (
    -- A join on equal keys is hashed by every engine: showings without credit have a key that equals none.
    select
      *,
      case when days_since is null or days_since > cast($window as integer) then request_id end as credited_request
    from shown
    where day >= cast($from as date)
  ),
  -- What later days answer is to other pages nearly always: it is left out before anything is joined by item.
  answer as materialized (
    select r.request_id, r.user_id, r.item_id, r.day, r.action, r.value_micros, r.dwell_ms
    from (select distinct request_id, user_id from page where day >= cast($from as date)) q
    join fact r on r.request_id = q.request_id and r.user_id = q.user_id
    where r.type = 4 and r.day between cast($from as date) and cast($to as date) + cast($window as integer)
  ),
  response as (
    select
      s.day, s.event_id, s.ordinal,
      cast(sum(case when r.action = 1 then 1 else 0 end) as bigint) as clicks,
      cast(sum(case when r.action = 3 then 1 else 0 end) as bigint) as likes,
      cast(sum(case when r.action = 6 then 1 else 0 end) as bigint) as hides,
      cast(sum(case when r.action = 8 then 1 else 0 end) as bigint) as conversions,
      cast(sum(case when r.action = 8 then r.value_micros else 0 end) as bigint) as conversion_micros,
      cast(sum(r.dwell_ms) as bigint) as dwell_ms
    from wanted s
    join answer r on r.request_id = s.credited_request and r.user_id = s.user_id and r.item_id = s.item_id
      and r.day >= s.day and r.day <= s.day + cast($window as integer)
    group by s.day, s.event_id, s.ordinal
  ),
  -- Versions that hold in these days: most often one of each.
  item as (
    select * from dim_item where valid_from < cast($to as date) + 1 and valid_to > cast($from as date)
  ),
  person as (
    select * from dim_user_version where valid_from < cast($to as date) + 1 and valid_to > cast($from as date)
  ),
  ads as (
    select s.day, s.event_id, count(*) as page_ads
    from wanted s
    join item i on i.item_id = s.item_id and s.event_time >= i.valid_from and s.event_time < i.valid_to
    where i.kind = 'ad'
    group by s.day, s.event_id
  ),
  answered as (
    select
      s.day,
      cast(extract(hour from s.event_time) as integer) as hour,
      s.event_time,
      s.event_id,
      s.ordinal,
      s.request_id,
      s.user_id,
      coalesce(u.segment, 'unknown') as segment,
      s.surface,
      s.position,
      s.item_id,
      coalesce(i.kind, 'unknown') as kind,
      i.category,
      i.author,
      i.created as item_created,
      i.advertiser,
      i.promotes,
      i.bid_per,
      i.bid_micros,
      i.daily_budget_micros,
      s.propensity,
      s.price_micros,
      coalesce(r.clicks, 0) as clicks,
      coalesce(r.likes, 0) as likes,
      coalesce(r.hides, 0) as hides,
      coalesce(r.conversions, 0) as conversions,
      coalesce(r.conversion_micros, 0) as conversion_micros,
      coalesce(r.dwell_ms, 0) as dwell_ms,
      case
        when i.bid_per = 'thousand' then 1
        when i.bid_per = 'click' and r.clicks > 0 then 1
        when i.bid_per = 'conversion' and r.conversions > 0 then 1
        else 0
      end as billable
    from wanted s
    left join response r on r.day = s.day and r.event_id = s.event_id and r.ordinal = s.ordinal
    left join item i on i.item_id = s.item_id and s.event_time >= i.valid_from and s.event_time < i.valid_to
    left join person u on u.user_id = s.user_id and s.event_time >= u.valid_from and s.event_time < u.valid_to
  )
select
  a.*,
  case when bid_per = 'thousand' then price_micros else billable * price_micros * 1000 end as spend_thousandths,
  cast(coalesce(p.page_ads, 0) as integer) as page_ads
from answered a
left join ads p on p.day = a.day and p.event_id = a.event_id
