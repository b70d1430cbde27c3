-- What another policy would have earned, from a log of the one that ran, with bootstrap intervals.
-- Grain: one run and estimator.
-- Inputs: policy_row.
-- Measures: estimate, low and high in rewards a logged action, low and high the middle 95 % of the draws; row_count logged actions; units drawn by the
-- bootstrap; effective_sample_size in rows, (sum w)^2 / sum w^2; clipped the share of rows whose weight was above clip, in [0, 1].
-- With w = target_propensity / propensity and r the reward: logged = mean r; ips = mean w r; clipped_ips = mean min(w, clip) r; snips = sum w r / sum w;
-- direct_method = mean target_value; doubly_robust = direct_method + mean w (r - modelled).
-- Sources: Horvitz and Thompson (1952); Ionides (2008); Swaminathan and Joachims (2015); Dudik, Langford and Li (2011); Kish (1965).
-- Bootstrap: each draw takes each unit k times, k of a Poisson distribution with mean 1 (Chamandy et al., 2012), by the MD5 of seed, draw and unit: the same
-- on every engine; above most_units it draws 4,096 groups of units instead, or 200,000 users would take minutes. The policy and the reward model are held fixed.
-- needs off_policy_run
-- $run text all: one run, or all
-- $clip number 10: the greatest weight of clipped_ips
-- $draws integer 200: bootstrap draws
-- $seed integer 1: of the bootstrap
-- $most_units integer 10000: above so many units the bootstrap draws them in 4,096 groups
with
  weighed as (
    select run, unit, reward, modelled, target_value, target_propensity / propensity as w from policy_row where $run = 'all' or run = $run
  ),
  unit as (
    select
      run,
      unit,
      cast(count(*) as double precision) as n,
      sum(reward) as r,
      sum(w) as w,
      sum(w * w) as ww,
      sum(w * reward) as wr,
      sum(case when w < $clip then w else $clip end * reward) as cr,
      sum(target_value) as dm,
      sum(w * (reward - modelled)) as correction,
      sum(case when w > $clip then 1 else 0 end) as clipped
    from weighed
    group by run, unit
  ),
  total as (
    select
      run,
      cast(sum(n) as bigint) as row_count,
      count(*) as units,
      sum(w) * sum(w) / nullif(sum(ww), 0) as effective_sample_size,
      cast(sum(clipped) as double precision) / sum(n) as clipped,
      sum(r) / sum(n) as logged,
      sum(wr) / sum(n) as ips,
      sum(cr) / sum(n) as clipped_ips,
      sum(wr) / nullif(sum(w), 0) as snips,
      sum(dm) / sum(n) as direct_method,
      (sum(dm) + sum(correction)) / sum(n) as doubly_robust
    from unit
    group by run
  ),
  counted as (
    select run, count(*) as units from unit group by run
  ),
  -- Many units are drawn in groups, by the MD5 of their name: groups of units that are alike in law are so too, and 4,096 of them tell an interval's width to a hundredth.
  lot as (
    select
      u.run,
      case when c.units > $most_units then substr(md5(u.unit), 1, 3) else u.unit end as unit,
      sum(u.n) as n, sum(u.r) as r, sum(u.w) as w, sum(u.wr) as wr, sum(u.cr) as cr, sum(u.dm) as dm, sum(u.correction) as correction
    from unit u
    join counted c on c.run = u.run
    group by 1, 2
  ),
  hashed as (
    select u.*, d.draw, substr(md5(cast($seed as text) || ':' || cast(d.draw as text) || ':' || u.unit), 1, 12) as hash
    from lot u
    cross join generate_series(1, $draws) as d (draw)
  ),
  -- The hash's first 48 bits against the distribution function of Poisson(1), both in hexadecimal digits, which order as the numbers do.
  drawn as (
    select
      *,
      cast(case
        when hash < '5e2d58d8b3bc' then 0
        when hash < 'bc5ab1b16779' then 1
        when hash < 'eb715e1dc158' then 2
        when hash < 'fb23979734a2' then 3
        when hash < 'ff1025f59174' then 4
        when hash < 'ffd90f3ba405' then 5
        when hash < 'fffa8b71fc72' then 6
        when hash < 'ffff540c0914' then 7
        when hash < 'ffffed1f4aa8' then 8 else 9
      end as double precision) as k
    from hashed
  ),
  draw as (
    select
      run,
      draw,
      sum(k * r) / nullif(sum(k * n), 0) as logged,
      sum(k * wr) / nullif(sum(k * n), 0) as ips,
      sum(k * cr) / nullif(sum(k * n), 0) as clipped_ips,
      sum(k * wr) / nullif(sum(k * w), 0) as snips,
      sum(k * dm) / nullif(sum(k * n), 0) as direct_method,
      sum(k * (dm + correction)) / nullif(sum(k * n), 0) as doubly_robust
    from drawn
    where k > 0
    group by run, draw
  ),
  name as (
    select * from (values (0, 'logged'), (1, 'ips'), (2, 'clipped_ips'), (3, 'snips'), (4, 'direct_method'), (5, 'doubly_robust')) as v (place, estimator)
  ),
  drawn_value as (
    select
      d.run, n.place,
      case n.place when 0 then d.logged when 1 then d.ips when 2 then d.clipped_ips when 3 then d.snips when 4 then d.direct_method else d.doubly_robust end as value
    from draw d
    cross join name n
  ),
  spread as (
    select
      run, place,
      percentile_cont(0.025) within group (order by value) as low,
      percentile_cont(0.975) within group (order by value) as high
    from drawn_value
    group by run, place
  )
select
  t.run,
  n.estimator,
  case n.place when 0 then t.logged when 1 then t.ips when 2 then t.clipped_ips when 3 then t.snips when 4 then t.direct_method else t.doubly_robust end as estimate,
  s.low,
  s.high,
  t.row_count,
  t.units,
  coalesce(t.effective_sample_size, 0) as effective_sample_size,
  t.clipped
from total t
cross join name n
left join spread s on s.run = t.run and s.place = n.place
order by t.run, n.place
