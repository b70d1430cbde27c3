-- What an experiment changed in each segment, with the probabilities corrected for how many segments were looked at.
-- Grain: one layer, arm other than the control, and segment.
-- Inputs: fct_assignment, fct_impression, dim_user_version.
-- Measures: users; values and differences in the metric's unit; lift = difference / control_value; low and high a 95 % interval of this row alone;
-- p_fixed two-sided, for one look and for this row alone; comparisons the rows of the layer that have one; p_holm the same after Holm, over those rows;
-- is_found: p_holm is at most alpha. Whoever looks at twenty segments finds one in which p_fixed is below 0.05 though nothing changed: p_holm holds the chance
-- of any false finding in the layer at alpha, whatever the segments have to do with each other. Choose by and metric before the data are seen: each further
-- choice that is tried is a further family. That a difference is found in one segment and not in another does not say that the two differ.
-- segment and returning are of users: the segment that held at midnight of their first day, and whether they were shown something from pre_from to before from;
-- users are those of the segment, and means are over them. surface, kind, category and position are of what was shown; users are those who were shown such,
-- and means are over all users of the arm. What was shown may itself be the experiment's doing: its segments may hold other showings in each arm.
-- A segment without users in either arm has no row; with fewer than least_users in one it has no p.
-- A user belongs to the arm of their first decision in the range, and counts from that day on, with impressions or without; users in two arms are left out.
-- click_through and conversion_rate are ratios, clicked (converted) shown items by shown items; every other metric is a mean per user: conversion_value in
-- the currency, dwell_seconds in seconds, the rest in events. Ratios by the delta method: y = (num - R den) / mean(den), var(R) = var(y) / n.
-- Source: Holm (1979); Deng, Knoblich and Lu (2018).
-- needs experiment_layer
-- needs experiment_control
-- $from date 1970-01-01: first UTC day of the experiment
-- $to date 9999-12-31: last UTC day of the experiment
-- $layer text all: one layer, or all
-- $control text control: the arm to compare with
-- $metric one-of(click_through,conversion_rate,clicks,conversions,conversion_value,likes,hides,dwell_seconds,impressions) click_through: what is compared
-- $by one-of(segment,returning,surface,kind,category,position) segment: what the segments are of
-- $pre_from date 1970-01-01: first UTC day of the users' earlier behaviour; it ends before from
-- $least_users integer 30: a segment with fewer users in an arm is not judged
-- $alpha number 0.05: the chance of any false finding in a layer
-- chart bars x=segment y=difference: arm less control
with
  unit as (
    select layer, user_id, min(day) as first_day, min(arm) as arm, count(distinct arm) as arms
    from fct_assignment
    where day between $from and $to and ($layer = 'all' or layer = $layer)
    group by layer, user_id
  ),
  entered as (
    select layer, user_id, arm, first_day, cast(first_day as timestamp) as midnight from unit where arms = 1
  ),
  held as (
    select e.layer, e.user_id, max(u.segment) as segment
    from entered e
    join dim_user_version u on u.user_id = e.user_id and u.valid_from <= e.midnight and u.valid_to > e.midnight
    where $by = 'segment'
    group by e.layer, e.user_id
  ),
  earlier as (
    select distinct user_id from fct_impression where $by = 'returning' and day >= $pre_from and day < $from
  ),
  member as (
    select
      e.layer, e.arm, e.user_id, e.first_day,
      case when $by = 'segment' then coalesce(h.segment, 'unknown') when b.user_id is null then 'new' else 'returning' end as segment
    from entered e
    left join held h on h.layer = e.layer and h.user_id = e.user_id
    left join earlier b on b.user_id = e.user_id
  ),
  -- Added up by user and day before anything is joined: a tenth of the rows, and no plan that has to guess how many a member meets.
  shown as (
    select
      user_id,
      day,
      case $by
        when 'surface' then surface
        when 'kind' then kind
        when 'category' then coalesce(category, '')
        when 'position' then cast(position as text)
      end as part,
      sum(
        case $metric
          when 'click_through' then case when clicks > 0 then 1 else 0 end
          when 'conversion_rate' then case when conversions > 0 then 1 else 0 end
          when 'clicks' then clicks
          when 'conversions' then conversions
          when 'conversion_value' then conversion_micros / cast(1000000 as double precision)
          when 'likes' then likes
          when 'hides' then hides
          when 'dwell_seconds' then dwell_ms / cast(1000 as double precision)
          when 'impressions' then 1
        end) as num,
      count(*) as den
    from fct_impression
    where day between $from and $to
    group by 1, 2, 3
  ),
  per_user as (
    select
      m.layer, m.arm, m.user_id, coalesce(s.part, m.segment) collate "C" as segment,
      cast(sum(s.num) as double precision) as num,
      cast(sum(s.den) as double precision) as den
    from member m
    join shown s on s.user_id = m.user_id and s.day >= m.first_day
    group by 1, 2, 3, 4
  ),
  moment as (
    select
      layer, arm, segment,
      count(*) as active, sum(num) as num, sum(den) as den, sum(num * num) as num_num, sum(num * den) as num_den, sum(den * den) as den_den
    from per_user
    group by layer, arm, segment
  ),
  size as (
    select layer, arm, segment collate "C" as segment, count(*) as n from member where $by in ('segment', 'returning') group by 1, 2, 3
    union all
    select s.layer, a.arm, s.segment, a.n
    from (select distinct layer, segment from moment where $by not in ('segment', 'returning')) s
    join (select layer, arm, count(*) as n from member group by layer, arm) a on a.layer = s.layer
  ),
  summed as (
    select
      s.layer, s.arm, s.segment,
      case when $by in ('segment', 'returning') then s.n else coalesce(m.active, 0) end as users,
      cast(s.n as double precision) as n,
      coalesce(m.num, 0) as num,
      case when $metric in ('click_through', 'conversion_rate') then coalesce(m.den, 0) else s.n end as den,
      coalesce(m.num_num, 0) as num_num,
      case when $metric in ('click_through', 'conversion_rate') then coalesce(m.num_den, 0) else coalesce(m.num, 0) end as num_den,
      case when $metric in ('click_through', 'conversion_rate') then coalesce(m.den_den, 0) else s.n end as den_den
    from size s
    left join moment m on m.layer = s.layer and m.arm = s.arm and m.segment = s.segment
  ),
  valued as (
    select
      layer, arm, segment, users, n,
      num / nullif(den, 0) as value,
      greatest(num_num - 2 * num / nullif(den, 0) * num_den + num * num / nullif(den * den, 0) * den_den, 0)
        / nullif(n - 1, 0) / nullif(den * den / (n * n), 0) as variance
    from summed
  ),
  compared as (
    select
      t.layer, t.arm, t.segment, c.users as control_users, t.users, c.value as control_value, t.value,
      t.value - c.value as difference,
      sqrt(nullif(c.variance / c.n + t.variance / t.n, 0)) as se,
      c.users >= $least_users and t.users >= $least_users as is_judged
    from valued t
    join valued c on c.layer = t.layer and c.segment = t.segment
    where c.arm = $control and t.arm <> $control
  ),
  scaled as (
    select
      *,
      abs(difference) / se / sqrt(cast(2 as double precision)) as x,
      1 / (1 + 0.5 * abs(difference) / se / sqrt(cast(2 as double precision))) as t
    from compared
  ),
  judged as (
    select
      *,
      -- erfc(x) with a relative error below 1.2e-7 (Press et al., Numerical Recipes, 2nd edition, 6.2).
      case when is_judged then t * exp(greatest(-700, -x * x - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
        + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))))) end as p_fixed
    from scaled
  ),
  ranked as (
    select
      *,
      count(p_fixed) over (partition by layer) as comparisons,
      row_number() over (partition by layer order by p_fixed nulls last, arm, segment) as place
    from judged
  ),
  -- Holm: the smallest p times all comparisons, the next times one less, and none below the one before it.
  corrected as (
    select
      *,
      case when p_fixed is not null then max(least(1, (comparisons - place + 1) * p_fixed)) over (partition by layer order by place) end as p_holm
    from ranked
  )
select
  layer,
  arm,
  segment,
  $metric as metric,
  cast(control_users as bigint) as control_users,
  cast(users as bigint) as users,
  control_value,
  value,
  difference,
  difference / nullif(control_value, 0) as lift,
  se,
  difference - 1.959963984540054 * se as low,
  difference + 1.959963984540054 * se as high,
  p_fixed,
  comparisons,
  p_holm,
  coalesce(p_holm <= $alpha, false) as is_found
from corrected
order by layer, arm, segment
