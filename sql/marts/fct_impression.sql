-- What was shown and what came of it.
-- Grain: one shown item of an impression.
-- Key: day, event_id, ordinal
-- Inputs: fact (users as they were when shown, by the rule of dim_user_version), fact_shown, dim_item (as it was when shown).
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
  shown as (
    select
      p.day, p.event_id, p.event_time, p.request_id, p.user_id, p.surface,
      s.ordinal, s.position, s.item_id, s.propensity, s.price_micros
    from page p
    join fact_shown s on s.day = p.day and s.event_id = p.event_id
    where p.day >= cast($from as date) and s.day between cast($from as date) and cast($to as date)
  ),
  -- An earlier showing takes the credit only where a request has several pages, or a page has an item twice. There are few of either, and only these are put in
  -- order; of the days before, pages of requests with several are all that is wanted.
  again as (
    select request_id, user_id from page group by request_id, user_id having count(*) > 1
  ),
  disputed as (
    select request_id, user_id from again
    union
    select request_id, user_id from shown group by request_id, user_id, day, event_id, item_id having count(*) > 1
  ),
  candidate as (
    select s.day, s.event_id, s.event_time, s.request_id, s.user_id, s.ordinal, s.item_id
    from disputed d
    join shown s on s.request_id = d.request_id and s.user_id = d.user_id
    union all
    select p.day, p.event_id, p.event_time, p.request_id, p.user_id, s.ordinal, s.item_id
    from again a
    join page p on p.request_id = a.request_id and p.user_id = a.user_id
    join fact_shown s on s.day = p.day and s.event_id = p.event_id
    where p.day < cast($from as date) and s.day >= cast($from as date) - cast($window as integer) and s.day < cast($from as date)
  ),
  ordered as (
    select
      day, event_id, ordinal,
      day - lag(day) over (partition by request_id, user_id, item_id order by event_time, event_id, ordinal) as days_since
    from candidate
  ),
  uncredited as (
    select distinct day, event_id, ordinal from ordered where day >= cast($from as date) and days_since <= cast($window as integer)
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
    from shown s
    join answer r on r.request_id = s.request_id and r.user_id = s.user_id and r.item_id = s.item_id
      and r.day >= s.day and r.day <= s.day + cast($window as integer)
    left join uncredited u on u.day = s.day and u.event_id = s.event_id and u.ordinal = s.ordinal
    where u.event_id is null
    group by s.day, s.event_id, s.ordinal
  ),
  -- Versions that hold in these days: most often one of each.
  item as (
    select * from dim_item where valid_from < cast($to as date) + 1 and valid_to > cast($from as date)
  ),
  -- As dim_user_version says, of the users of these days alone: there are many more.
  told as (
    select user_id, event_id, event_time, payload
    from fact
    where type = 2 and user_id in (select user_id from page where day >= cast($from as date))
  ),
  version as (
    select
      user_id,
      payload,
      case when lag(event_time) over told_in_order is null then timestamp '1970-01-01 00:00:00' else event_time end as valid_from,
      coalesce(lead(event_time) over told_in_order, timestamp '9999-12-31 23:59:59.999999') as valid_to
    from told
    window told_in_order as (partition by user_id order by event_time, event_id)
  ),
  spoken as (
    select user_id, valid_from, valid_to, cast(payload as json) -> 'attributes' as attributes
    from version
    where valid_from < cast($to as date) + 1 and valid_to > cast($from as date)
  ),
  person as (
    select user_id, valid_from, valid_to, coalesce(attributes ->> 'segment', attributes ->> 'country', attributes ->> 'occupation', 'unknown') as segment
    from spoken
  ),
  ads as (
    select s.day, s.event_id, count(*) as page_ads
    from shown s
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
    from shown s
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
