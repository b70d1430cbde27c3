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
  loaded as (
    select
      page_ads,
      count(*) as shown,
      -- One item of each page has ordinal 0.
      sum(case when ordinal = 0 then 1 else 0 end) as pages,
      sum(case when kind = 'ad' then 1 else 0 end) as ads,
      sum(case when kind <> 'ad' and clicks > 0 then 1 else 0 end) as content_clicks,
      sum(case when kind = 'ad' and clicks > 0 then 1 else 0 end) as ad_clicks,
      sum(case when likes > 0 then 1 else 0 end) as likes,
      sum(case when hides > 0 then 1 else 0 end) as hides,
      sum(dwell_ms) as dwell_ms,
      sum(case when kind = 'ad' then spend_thousandths else 0 end) as thousandths
    from fct_impression
    where day between $from and $to
    group by page_ads
  )
select
  cast(page_ads as bigint) as ads,
  cast(pages as bigint) as pages,
  cast(shown - ads as double precision) / pages as content_shown,
  cast(ads as double precision) / pages as ads_shown,
  cast(content_clicks as double precision) / pages as content_clicks,
  cast(ad_clicks as double precision) / pages as ad_clicks,
  cast(likes as double precision) / pages as likes,
  cast(hides as double precision) / pages as hides,
  cast(dwell_ms as double precision) / pages / 1000 as dwell_seconds,
  cast(thousandths as double precision) / pages / 1000000 as revenue
from loaded
order by page_ads
