-- Experiments in the range, the layer that was asked for, and at least two arms in it.
with
  seen as (
    select layer, count(distinct arm) as arms, min(arm) as arm
    from fct_assignment
    where day between $from and $to
    group by layer
  ),
  known as (
    select
      count(*) as layers,
      coalesce(max(case when layer = $layer then arms end), 0) as arms,
      max(case when layer = $layer then arm end) as arm,
      max(arms) as most_arms,
      string_agg(layer, ', ' order by layer) as names
    from seen
  ),
  found as (
    select
      case
        when layers = 0
          then 'no decision from ' || cast($from as text) || ' to ' || cast($to as text) || ' was part of an experiment; choose other days with from and to'
        when $layer = 'all' and most_arms < 2
          then 'every layer had one arm from ' || cast($from as text) || ' to ' || cast($to as text) || '; there is nothing to compare it with'
        when $layer <> 'all' and arms = 0
          then 'there is no layer ''' || $layer || ''' from ' || cast($from as text) || ' to ' || cast($to as text) || '; layers are ' || names
        when $layer <> 'all' and arms = 1
          then 'layer ''' || $layer || ''' had one arm, ''' || arm || ''', from ' || cast($from as text) || ' to ' || cast($to as text) || '; there is nothing to compare it with'
      end as problem
    from known
  )
select problem from found where problem is not null
