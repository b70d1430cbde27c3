-- Planned shares that can be read, and one for every arm that was seen.
with
  given as (
    select unnest(string_to_array($shares, ',')) as pair
  ),
  planned as (
    select split_part(pair, '=', 1) as arm, split_part(pair, '=', 2) as share from given where $shares <> 'equal'
  ),
  wrong as (
    select
      1 as place,
      'shares holds ''' || arm || case when share = '' then '' else '=' || share end || ''', expected ARM=WEIGHT joined by commas, each weight a number above 0, such as control=50,treatment=50' as problem
    from planned
    where arm = '' or trim(trim(share, '0123456789'), '.') <> '' or trim(share, '0.') = '' or length(share) > 12
      or length(share) - length(replace(share, '.', '')) > 1
    union all
    select 2, 'shares names arm ''' || arm || ''' more than once' from planned group by arm having count(*) > 1
    union all
    select 3, 'shares gives no weight for arm ''' || a.arm || ''' of layer ''' || a.layer || '''; give every arm one, such as ' || a.arm || '=50'
    from (select distinct layer, arm from fct_assignment where day between $from and $to and ($layer = 'all' or layer = $layer)) a
    where $shares <> 'equal' and a.arm not in (select arm from planned)
  )
select problem from wrong order by place, problem
