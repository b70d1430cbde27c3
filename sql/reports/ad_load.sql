-- What more ads on a page do to engagement and to revenue.
-- Grain: one number of ads on a page (an impression event).
-- Inputs: fct_impression.
-- Measures: pages in impression events; content_shown, ads_shown the mean number a page; content_clicks, ad_clicks, likes, hides the mean number of
-- shown items a page that were clicked, liked, hidden; dwell_seconds the mean a page; revenue per thousand pages, in the currency.
-- Pages with more ads may be other pages in other ways too (surface, user, hour): this is a description, an experiment tells the effect.
-- $from date 1970-01-01: first UTC day of the impressions
-- $to date 9999-12-31: last UTC day of the impressions
-- chart line x=ads y=content_clicks: clicks on content, a page
with
  page as (
    select
      day,
      event_id,
      sum(case when kind = 'ad' then 1 else 0 end) as ads,
      count(*) as shown,
      sum(case when kind <> 'ad' and clicks > 0 then 1 else 0 end) as content_clicks,
      sum(case when kind = 'ad' and clicks > 0 then 1 else 0 end) as ad_clicks,
      sum(case when likes > 0 then 1 else 0 end) as likes,
      sum(case when hides > 0 then 1 else 0 end) as hides,
      sum(dwell_ms) as dwell_ms,
      sum(case when kind = 'ad' then spend_thousandths else 0 end) as thousandths
    from fct_impression
    where day between $from and $to
    group by day, event_id
  )
select
  cast(ads as bigint) as ads,
  count(*) as pages,
  cast(sum(shown - ads) as double precision) / count(*) as content_shown,
  cast(sum(ads) as double precision) / count(*) as ads_shown,
  cast(sum(content_clicks) as double precision) / count(*) as content_clicks,
  cast(sum(ad_clicks) as double precision) / count(*) as ad_clicks,
  cast(sum(likes) as double precision) / count(*) as likes,
  cast(sum(hides) as double precision) / count(*) as hides,
  cast(sum(dwell_ms) as double precision) / count(*) / 1000 as dwell_seconds,
  cast(sum(thousandths) as double precision) / count(*) / 1000000 as revenue
from page
group by ads
order by ads
