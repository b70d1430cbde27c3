-- The control arm that was named, in the layer that was asked for or in any.
with
  seen as (
    select arm, max(case when arm = $control then 1 else 0 end) as is_control
    from fct_assignment
    where day between $from and $to and ($layer = 'all' or layer = $layer)
    group by arm
  ),
  known as (
    select max(is_control) as has_control, string_agg(arm, ', ' order by arm) as names from seen
  )
select 'there is no arm ''' || $control || ''' to compare with in ' || case when $layer = 'all' then 'any layer' else 'layer ''' || $layer || '''' end
  || '; arms are ' || names || '; name the control arm with control' as problem
from known
where has_control = 0
