-- An experiment day by day, with an interval and a probability that may be looked at every day.
-- Grain: one layer, arm other than the control, and UTC day; each row holds everything from the first day up to it.
-- Inputs: fct_assignment, fct_impression.
-- Measures: users; value and control_value, difference and interval in the metric's unit; always_low and always_high hold the true difference on all days
-- together with probability 1 - alpha; p_always in (0, 1], the least up to the day; is_decided: p_always is at most alpha.
-- A user belongs to the arm of their first decision in the range, and counts from that day on, with impressions or without; users in two arms are left out.
-- click_through and conversion_rate are ratios, clicked (converted) shown items by shown items; every other metric is a mean per user: conversion_value in
-- the currency, dwell_seconds in seconds, the rest in events.
-- p_always by the mixture sequential test: with s = sd sqrt(1 / control_users + 1 / users), z = difference / s and r = (tau sd / s)^2, p_always =
-- sqrt(1 + r) exp(-z^2 r / (2 (1 + r))), at most 1; its interval is difference -+ s sqrt((1 + r) / r (ln(1 + r) - 2 ln alpha)). sd: of one user's value, the
-- greater of both arms': a small arm in which hardly anything has happened yet has a variance near 0 and would prove anything.
-- Days with fewer than least_users in either arm have neither interval nor say in p_always.
-- Ratios: delta method. Source: Johari, Koomen, Pekelis and Walsh (2022); Deng, Knoblich and Lu (2018).
-- needs experiment_layer
-- needs experiment_control
-- $from date 1970-01-01: first UTC day of the experiment
-- $to date 9999-12-31: last UTC day of the experiment
-- $layer text all: one layer, or all
-- $control text control: the arm to compare with
-- $metric one-of(click_through,conversion_rate,clicks,conversions,conversion_value,likes,hides,dwell_seconds,impressions) click_through: what is compared
-- $tau number 0.05: the effect to expect, in standard deviations of one user's value
-- $least_users integer 30: days on which an arm has fewer users are not looked at: its variance is not known yet
-- $alpha number 0.05: the chance of a false finding, however often it is looked at
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
    where day between $from and $to
    group by user_id, day
  ),
  happened as (
    select m.layer, m.arm, m.user_id, d.day, d.num, d.den, 0 as entered
    from member m
    join user_day d on d.user_id = m.user_id and d.day >= m.first_day
    union all
    select layer, arm, user_id, first_day, 0, case when $metric in ('click_through', 'conversion_rate') then 0 else 1 end, 1 from member
  ),
  active as (
    select layer, arm, user_id, day, sum(num) as num, sum(den) as den, sum(entered) as entered from happened group by layer, arm, user_id, day
  ),
  running as (
    select
      *,
      sum(num) over (partition by layer, user_id order by day) as num_so_far,
      sum(den) over (partition by layer, user_id order by day) as den_so_far
    from active
  ),
  -- How much the day added to each sum of squares over users: the new square less the one before.
  added as (
    select
      layer, arm, day,
      cast(sum(entered) as double precision) as n,
      sum(num) as num,
      sum(den) as den,
      sum(num_so_far * num_so_far - (num_so_far - num) * (num_so_far - num)) as num_num,
      sum(num_so_far * den_so_far - (num_so_far - num) * (den_so_far - den)) as num_den,
      sum(den_so_far * den_so_far - (den_so_far - den) * (den_so_far - den)) as den_den
    from running
    group by layer, arm, day
  ),
  grid as (
    select d.layer, a.arm, d.day
    from (select distinct layer, day from added) d
    join (select distinct layer, arm from member) a on a.layer = d.layer
  ),
  summed as (
    select
      g.layer, g.arm, g.day,
      sum(coalesce(s.n, 0)) over w as n,
      sum(coalesce(s.num, 0)) over w as num,
      sum(coalesce(s.den, 0)) over w as den,
      sum(coalesce(s.num_num, 0)) over w as num_num,
      sum(coalesce(s.num_den, 0)) over w as num_den,
      sum(coalesce(s.den_den, 0)) over w as den_den
    from grid g
    left join added s on s.layer = g.layer and s.arm = g.arm and s.day = g.day
    window w as (partition by g.layer, g.arm order by g.day)
  ),
  valued as (
    select
      layer, arm, day, n,
      num / nullif(den, 0) as value,
      greatest(num_num - 2 * num / nullif(den, 0) * num_den + num * num / nullif(den * den, 0) * den_den, 0)
        / nullif(n - 1, 0) / nullif(den * den / nullif(n * n, 0), 0) as variance
    from summed
  ),
  compared as (
    select
      t.layer, t.arm, t.day, c.n as control_n, t.n, c.value as control_value, t.value,
      t.value - c.value as difference,
      sqrt(nullif(c.variance / c.n + t.variance / t.n, 0)) as se,
      sqrt(nullif(greatest(c.variance, t.variance), 0) * (1 / c.n + 1 / t.n)) as s,
      case when c.n >= $least_users and t.n >= $least_users and greatest(c.variance, t.variance) > 0 then $tau * $tau / (1 / c.n + 1 / t.n) end as r
    from valued t
    join valued c on c.layer = t.layer and c.day = t.day
    where c.arm = $control and t.arm <> $control
  ),
  judged as (
    select
      *,
      case when r > 0 and s > 0 then exp(least(0, 0.5 * ln(1 + r) - least(700, difference * difference / (s * s) * r / (2 * (1 + r))))) end as p_now,
      s * sqrt((1 + r) / nullif(r, 0) * (ln(1 + r) - 2 * ln(cast($alpha as double precision)))) as half
    from compared
  )
select
  layer,
  arm,
  day,
  cast(control_n as bigint) as control_users,
  cast(n as bigint) as users,
  control_value,
  value,
  difference,
  se,
  difference - half as always_low,
  difference + half as always_high,
  min(p_now) over (partition by layer, arm order by day) as p_always,
  coalesce(min(p_now) over (partition by layer, arm order by day) <= $alpha, false) as is_decided
from judged
order by layer, arm, day
