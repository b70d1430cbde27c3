-- What an experiment changed: every arm against the control, plain and with the users' earlier behaviour taken out (CUPED).
-- Grain: one layer and arm other than the control.
-- Inputs: fct_assignment, fct_impression.
-- Measures: users; values and differences in the metric's unit; lift = difference / control_value; low and high a 95 % interval for one look at the end;
-- p_fixed two-sided, for one look too; p_always may be looked at every day; cuped_ columns the same after CUPED, null without earlier impressions;
-- variance_reduction = 1 - (cuped_se / se)^2.
-- A user belongs to the arm of their first decision in the range, and counts from that day on, with impressions or without; users in two arms are left out.
-- click_through and conversion_rate are ratios, clicked (converted) shown items by shown items; every other metric is a mean per user: conversion_value in
-- the currency, dwell_seconds in seconds, the rest in events.
-- Ratios by the delta method: y = (num - R den) / mean(den) of each user stands for R = sum(num) / sum(den), var(R) = var(y) / n.
-- CUPED: the covariate x is the same metric over the days from pre_from to before from; y - theta (x - mean(x)) with theta = cov(y, x) / var(x) within arms.
-- p_always by the mixture sequential test: with s = sd sqrt(1 / control_users + 1 / users), z = difference / s and r = (tau sd / s)^2, p_always =
-- sqrt(1 + r) exp(-z^2 r / (2 (1 + r))), at most 1; its interval is difference -+ s sqrt((1 + r) / r (ln(1 + r) - 2 ln alpha)). sd: of one user's value, the
-- greater of both arms': a small arm in which hardly anything has happened yet has a variance near 0 and would prove anything.
-- Source: Deng, Xu, Kohavi and Walker (2013); Deng, Knoblich and Lu (2018); Johari, Koomen, Pekelis and Walsh (2022).
-- needs experiment_layer
-- needs experiment_control
-- $from date 1970-01-01: first UTC day of the experiment
-- $to date 9999-12-31: last UTC day of the experiment
-- $layer text all: one layer, or all
-- $control text control: the arm to compare with
-- $metric one-of(click_through,conversion_rate,clicks,conversions,conversion_value,likes,hides,dwell_seconds,impressions) click_through: what is compared
-- $pre_from date 1970-01-01: first UTC day of the users' earlier behaviour; it ends before from
-- $tau number 0.05: the effect to expect, in standard deviations of one user's value
with
  unit as (
    select layer, user_id, min(day) as first_day, min(arm) as arm, count(distinct arm) as arms
    from fct_assignment
    where day between $from and $to and ($layer = 'all' or layer = $layer)
    group by layer, user_id
  ),
  member as (
    select layer, user_id, arm, first_day from unit where arms = 1
  ),
  user_day as (
    select
      user_id,
      day,
      cast(sum(
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
        end) as double precision) as num,
      cast(case when $metric in ('click_through', 'conversion_rate') then count(*) else 0 end as double precision) as den
    from fct_impression
    where day between $pre_from and $to
    group by user_id, day
  ),
  per_user as (
    select
      m.layer, m.arm, m.user_id,
      coalesce(sum(case when d.day >= m.first_day then d.num end), 0) as num,
      case when $metric in ('click_through', 'conversion_rate') then coalesce(sum(case when d.day >= m.first_day then d.den end), 0) else 1 end as den,
      coalesce(sum(case when d.day < $from then d.num end), 0) as pre_num,
      case when $metric in ('click_through', 'conversion_rate') then coalesce(sum(case when d.day < $from then d.den end), 0) else 1 end as pre_den
    from member m
    left join user_day d on d.user_id = m.user_id
    group by m.layer, m.arm, m.user_id
  ),
  total as (
    select layer, arm, cast(count(*) as double precision) as n, sum(num) / nullif(sum(den), 0) as value, avg(den) as mean_den
    from per_user
    group by layer, arm
  ),
  pooled as (
    select layer, sum(pre_num) / nullif(sum(pre_den), 0) as pre_value, avg(pre_den) as pre_mean_den from per_user group by layer
  ),
  line as (
    select
      u.layer, u.arm,
      (u.num - t.value * u.den) / nullif(t.mean_den, 0) as y,
      coalesce((u.pre_num - p.pre_value * u.pre_den) / nullif(p.pre_mean_den, 0), 0) as x
    from per_user u
    join total t on t.layer = u.layer and t.arm = u.arm
    join pooled p on p.layer = u.layer
  ),
  moment as (
    select layer, arm, sum(y * y) as yy, sum(x * y) as xy, sum(x) as sx, sum(x * x) as sxx from line group by layer, arm
  ),
  arm as (
    select t.*, m.yy, m.xy, m.sx, m.sxx - m.sx * m.sx / t.n as xx, m.sxx from total t join moment m on m.layer = t.layer and m.arm = t.arm
  ),
  slope as (
    select
      layer,
      -- Rounding alone leaves a remainder where no user differs from another.
      case when sum(xx) > 0.000000001 * sum(sxx) then sum(xy) / sum(xx) end as theta,
      sum(sx) / sum(n) as mean_x
    from arm
    group by layer
  ),
  valued as (
    select
      a.layer, a.arm, a.n, a.value,
      a.yy / nullif(a.n - 1, 0) as variance,
      a.value - s.theta * (a.sx / a.n - s.mean_x) as cuped_value,
      greatest(a.yy - 2 * s.theta * a.xy + s.theta * s.theta * a.xx, 0) / nullif(a.n - 1, 0) as cuped_variance
    from arm a
    join slope s on s.layer = a.layer
  ),
  compared as (
    select
      t.layer, t.arm, c.n as control_n, t.n, c.value as control_value, t.value,
      t.value - c.value as difference,
      sqrt(nullif(c.variance / c.n + t.variance / t.n, 0)) as se,
      greatest(c.variance, t.variance) * (1 / c.n + 1 / t.n) as square,
      $tau * $tau / (1 / c.n + 1 / t.n) as r,
      t.cuped_value - c.cuped_value as cuped_difference,
      sqrt(nullif(c.cuped_variance / c.n + t.cuped_variance / t.n, 0)) as cuped_se,
      greatest(c.cuped_variance, t.cuped_variance) * (1 / c.n + 1 / t.n) as cuped_square
    from valued t
    join valued c on c.layer = t.layer
    where c.arm = $control and t.arm <> $control
  ),
  scaled as (
    select
      *,
      abs(difference) / se / sqrt(cast(2 as double precision)) as x,
      1 / (1 + 0.5 * abs(difference) / se / sqrt(cast(2 as double precision))) as t,
      abs(cuped_difference) / cuped_se / sqrt(cast(2 as double precision)) as cuped_x,
      1 / (1 + 0.5 * abs(cuped_difference) / cuped_se / sqrt(cast(2 as double precision))) as cuped_t
    from compared
  )
select
  layer,
  arm,
  $metric as metric,
  cast(control_n as bigint) as control_users,
  cast(n as bigint) as users,
  control_value,
  value,
  difference,
  difference / nullif(control_value, 0) as lift,
  se,
  difference - 1.959963984540054 * se as low,
  difference + 1.959963984540054 * se as high,
  -- erfc(x) with a relative error below 1.2e-7 (Press et al., Numerical Recipes, 2nd edition, 6.2).
  t * exp(greatest(-700, -x * x - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
    + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))))) as p_fixed,
  exp(least(0, 0.5 * ln(1 + r) - least(700, difference * difference / nullif(square, 0) * r / (2 * (1 + r))))) as p_always,
  cuped_difference,
  cuped_se,
  cuped_difference - 1.959963984540054 * cuped_se as cuped_low,
  cuped_difference + 1.959963984540054 * cuped_se as cuped_high,
  cuped_t * exp(greatest(-700, -cuped_x * cuped_x - 1.26551223 + cuped_t * (1.00002368 + cuped_t * (0.37409196 + cuped_t * (0.09678418 + cuped_t * (-0.18628806 + cuped_t * (0.27886807
    + cuped_t * (-1.13520398 + cuped_t * (1.48851587 + cuped_t * (-0.82215223 + cuped_t * 0.17087277)))))))))) as cuped_p_fixed,
  exp(least(0, 0.5 * ln(1 + r) - least(700, cuped_difference * cuped_difference / nullif(cuped_square, 0) * r / (2 * (1 + r))))) as cuped_p_always,
  1 - cuped_se * cuped_se / (se * se) as variance_reduction
from scaled
order by layer, arm
