-- Did the arms get the users they should have? Users by arm against the planned shares, with an alarm that may be looked at every day.
-- Grain: one layer and arm.
-- Inputs: fct_assignment.
-- Measures: users first seen in the range, in one arm only; users_in_two_arms of the layer, left out of everything else; share, planned_share in (0, 1];
-- expected in users; p_fixed, two-sided, for one look only; p_always, for any number of looks, times the number of arms (Bonferroni), in (0, 1];
-- alarm: p_always of any arm of the layer is at most alpha; alarm_day: the first day on which it was.
-- S = users - share x all, V = all x share x (1 - share), L = (1 + rho V)^(-1/2) exp(rho S^2 / (2 (1 + rho V))); p_always = min over the days of 1 / L.
-- Source: Robbins (1970), the normal mixture; Howard, Ramdas, McAuliffe and Sekhon (2021).
-- needs experiment_layer
-- needs experiment_shares
-- $from date 1970-01-01: first UTC day of the decisions
-- $to date 9999-12-31: last UTC day of the decisions
-- $layer text all: one layer, or all
-- $shares text equal: planned weights such as control=50,treatment=50, or equal
-- $rho number 0.005: the mixture's variance; smaller finds smaller faults, later
-- $alpha number 0.05: the chance of a false alarm of a layer, however often it is looked at
with
  unit as (
    select layer, user_id, min(day) as first_day, min(arm) as arm, count(distinct arm) as arms
    from fct_assignment
    where day between $from and $to and ($layer = 'all' or layer = $layer)
    group by layer, user_id
  ),
  twice as (
    select layer, cast(sum(case when arms > 1 then 1 else 0 end) as bigint) as users_in_two_arms, count(distinct arm) as arms from unit group by layer
  ),
  given as (
    select unnest(string_to_array($shares, ',')) as pair
  ),
  planned as (
    select split_part(pair, '=', 1) as arm, cast(split_part(pair, '=', 2) as double precision) as weight from given where $shares <> 'equal'
  ),
  seen as (
    select distinct layer, arm from fct_assignment where day between $from and $to and ($layer = 'all' or layer = $layer)
  ),
  weighed as (
    -- A planned arm that nobody was put in has a row too.
    select t.layer, p.arm, p.weight from twice t cross join planned p
    union all
    select layer, arm, cast(1 as double precision) as weight from seen where $shares = 'equal'
  ),
  arm as (
    select
      layer, arm,
      weight / sum(weight) over (partition by layer) as planned_share,
      count(*) over (partition by layer) as arms
    from weighed
  ),
  entered as (
    select layer, arm, first_day as day, count(*) as users from unit where arms = 1 group by layer, arm, first_day
  ),
  look as (
    select layer, day, cast(sum(users) as bigint) as users from entered group by layer, day
  ),
  counted as (
    select
      a.layer, a.arm, a.planned_share, a.arms, l.day,
      cast(sum(coalesce(e.users, 0)) over (partition by a.layer, a.arm order by l.day) as double precision) as users,
      cast(sum(l.users) over (partition by a.layer, a.arm order by l.day) as double precision) as everyone
    from arm a
    join look l on l.layer = a.layer
    left join entered e on e.layer = a.layer and e.arm = a.arm and e.day = l.day
  ),
  moment as (
    select *, users - planned_share * everyone as s, everyone * planned_share * (1 - planned_share) as v from counted
  ),
  judged as (
    select
      *,
      -- One arm of share 1 has V = 0 and says nothing. Bounds on the exponent: beyond them a double overflows.
      least(1, arms * exp(-least(700, greatest(-700, $rho * s * s / (2 * (1 + $rho * v)) - 0.5 * ln(1 + $rho * v))))) as p
    from moment
  ),
  alarmed as (
    select layer, min(p) as p, min(case when p <= $alpha then day end) as alarm_day from judged group by layer
  ),
  final as (
    select
      *,
      min(p) over (partition by layer, arm) as p_always,
      row_number() over (partition by layer, arm order by day desc) as newest,
      abs(s) / sqrt(nullif(v, 0)) / sqrt(cast(2 as double precision)) as x
    from judged
  ),
  tail as (
    select *, 1 / (1 + 0.5 * x) as t from final where newest = 1
  )
select
  f.layer,
  f.arm,
  cast(f.users as bigint) as users,
  w.users_in_two_arms,
  f.users / f.everyone as share,
  f.planned_share,
  f.planned_share * f.everyone as expected,
  -- erfc(x) with a relative error below 1.2e-7 (Press et al., Numerical Recipes, 2nd edition, 6.2).
  f.t * exp(greatest(-700, -f.x * f.x - 1.26551223 + f.t * (1.00002368 + f.t * (0.37409196 + f.t * (0.09678418 + f.t * (-0.18628806 + f.t * (0.27886807
    + f.t * (-1.13520398 + f.t * (1.48851587 + f.t * (-0.82215223 + f.t * 0.17087277)))))))))) as p_fixed,
  f.p_always,
  a.p <= $alpha as alarm,
  a.alarm_day
from tail f
join twice w on w.layer = f.layer
join alarmed a on a.layer = f.layer
order by f.layer, f.arm
