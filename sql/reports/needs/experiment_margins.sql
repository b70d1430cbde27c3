-- Margins that can be read, each of a metric that is guarded.
with
  given as (
    select unnest(string_to_array($margins, ',')) as pair
  ),
  named as (
    select split_part(pair, '=', 1) as metric, split_part(pair, '=', 2) as margin from given where $margins <> 'none'
  ),
  known as (
    select 'ads_per_slate,click_through,degraded_slates,empty_slates,hide_rate,revenue_per_user,short_slates' as names
  ),
  wrong as (
    select
      1 as place,
      'margins names ''' || n.metric || ''', which is not guarded; metrics are ' || replace(k.names, ',', ', ') as problem
    from named n
    cross join known k
    where n.metric = '' or strpos(',' || k.names || ',', ',' || n.metric || ',') = 0
    union all
    select
      2,
      'margins holds ''' || metric || '=' || margin || ''', expected METRIC=NUMBER joined by commas, each a number from 0 in the metric''s unit, such as hide_rate=0.001'
    from named
    where margin = '' or trim(trim(margin, '0123456789'), '.') <> '' or trim(margin, '.') = '' or length(margin) > 12 or length(margin) - length(replace(margin, '.', '')) > 1
    union all
    select 3, 'margins names metric ''' || metric || ''' more than once' from named group by metric having count(*) > 1
    union all
    select 4, 'margin is ' || cast(cast($margin as double precision) as text) || ', range 0 to 1' from known where $margin < 0 or $margin > 1
  )
select problem from wrong order by place, problem
