-- What an experiment must not harm: every arm against the control, metric by metric, with a verdict.
-- Grain: one layer, arm other than the control, and guarded metric.
-- Inputs: fct_assignment, fct_impression, decision, decision_place.
-- Measures: users; value, control_value, difference, se, low and high in the metric's unit; margin how much worse the arm may be, in the same unit;
-- beyond how much worse it is than that (below 0: it is within the margin), beyond_low and beyond_high its interval;
-- verdict: ok where beyond_high is at most 0, breached where beyond_low is above 0, else unclear, as with fewer than least_users in either arm.
-- hide_rate is hidden by shown items, click_through clicked by shown items; ads_per_slate, degraded_slates (answered without something), empty_slates (no place) and
-- short_slates (fewer than least_places, the empty ones too) are by decisions; revenue_per_user is owed, in the currency, for each user of the arm.
-- Fewer clicks and less revenue are worse, more of everything else is. The store holds no latency: ask the service's metrics for it.
-- A user belongs to the arm of their first decision in the range, and counts from that day on, with impressions or without; users in two arms are left out.
-- Ratios: delta method, y = (num - R den) / mean(den), var(R) = var(y) / n. A margin that is a share of the control's value is as uncertain as that value:
-- beyond = +-(value - (1 +- margin) control_value), its variance that of the arm plus (1 +- margin)^2 that of the control.
-- Intervals hold 95 %: for looks=one at an end that was set beforehand, se times 1.96; for looks=many on every day there is, the mixture's, as in experiment.
-- Each verdict stands for itself: that one of several metrics is found breached by chance is likelier than 2.5 %.
-- Source: Deng, Knoblich and Lu (2018); Johari, Koomen, Pekelis and Walsh (2022); Rothmann and others (2003) for margins in shares of an uncertain control.
-- needs experiment_layer
-- needs experiment_control
-- needs experiment_margins
-- $from date 1970-01-01: first UTC day of the experiment
-- $to date 9999-12-31: last UTC day of the experiment
-- $layer text all: one layer, or all
-- $control text control: the arm to compare with
-- $margin number 0.05: how much worse an arm may be, as a share of the control's value
-- $margins text none: margins of single metrics, in their unit, such as hide_rate=0.001,ads_per_slate=0.2
-- $least_places integer 5: a slate with fewer places is short
-- $least_users integer 30: an arm with fewer users is not judged
-- $looks one-of(one,many) one: how often the verdicts are looked at
-- $tau number 0.05: the effect to expect, in standard deviations of one user's value, for many looks
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
  shown_day as (
    select
      user_id,
      day,
      count(*) as shown,
      sum(case when hides > 0 then 1 else 0 end) as hidden,
      sum(case when clicks > 0 then 1 else 0 end) as clicked,
      sum(spend_thousandths) as thousandths
    from fct_impression
    where day between $from and $to
    group by user_id, day
  ),
  placed as (
    select decision_id, count(*) as places, sum(case when kind = 'ad' then 1 else 0 end) as ads from decision_place where day between $from and $to group by decision_id
  ),
  slate_day as (
    select
      d.user_id,
      d.day,
      count(*) as slates,
      sum(p.ads) as ads,
      sum(case when d.degraded <> 'none' then 1 else 0 end) as degraded,
      sum(case when p.places is null then 1 else 0 end) as empty_slates,
      sum(case when coalesce(p.places, 0) < $least_places then 1 else 0 end) as short_slates
    from decision d
    left join placed p on p.decision_id = d.decision_id
    where d.day between $from and $to
    group by d.user_id, d.day
  ),
  seen as (
    select m.layer, m.user_id, sum(d.shown) as shown, sum(d.hidden) as hidden, sum(d.clicked) as clicked, sum(d.thousandths) as thousandths
    from member m
    join shown_day d on d.user_id = m.user_id and d.day >= m.first_day
    group by m.layer, m.user_id
  ),
  answered as (
    select m.layer, m.user_id, sum(d.slates) as slates, sum(d.ads) as ads, sum(d.degraded) as degraded, sum(d.empty_slates) as empty_slates, sum(d.short_slates) as short_slates
    from member m
    join slate_day d on d.user_id = m.user_id and d.day >= m.first_day
    group by m.layer, m.user_id
  ),
  -- harm: 1 where more is worse, -1 where less is.
  metric as (
    select 'ads_per_slate' as metric, 1 as harm
    union all select 'click_through', -1
    union all select 'degraded_slates', 1
    union all select 'empty_slates', 1
    union all select 'hide_rate', 1
    union all select 'revenue_per_user', -1
    union all select 'short_slates', 1
  ),
  per_user as (
    select
      m.layer, m.arm, g.metric, g.harm,
      cast(coalesce(
        case g.metric
          when 'ads_per_slate' then a.ads
          when 'click_through' then s.clicked
          when 'degraded_slates' then a.degraded
          when 'empty_slates' then a.empty_slates
          when 'hide_rate' then s.hidden
          when 'revenue_per_user' then s.thousandths
          when 'short_slates' then a.short_slates
        end, 0) as double precision) / case when g.metric = 'revenue_per_user' then 1000000000 else 1 end as num,
      cast(case when g.metric in ('click_through', 'hide_rate') then coalesce(s.shown, 0) when g.metric = 'revenue_per_user' then 1 else a.slates end as double precision) as den
    from member m
    join answered a on a.layer = m.layer and a.user_id = m.user_id
    left join seen s on s.layer = m.layer and s.user_id = m.user_id
    cross join metric g
  ),
  total as (
    select layer, arm, metric, harm, cast(count(*) as double precision) as n, sum(num) / nullif(sum(den), 0) as value, avg(den) as mean_den
    from per_user
    group by layer, arm, metric, harm
  ),
  valued as (
    select
      t.layer, t.arm, t.metric, t.harm, t.n, t.value,
      sum((u.num - t.value * u.den) * (u.num - t.value * u.den)) / nullif(t.n - 1, 0) / nullif(t.mean_den * t.mean_den, 0) as variance
    from total t
    join per_user u on u.layer = t.layer and u.arm = t.arm and u.metric = t.metric
    group by t.layer, t.arm, t.metric, t.harm, t.n, t.value, t.mean_den
  ),
  given as (
    select unnest(string_to_array($margins, ',')) as pair
  ),
  own as (
    select split_part(pair, '=', 1) as metric, cast(split_part(pair, '=', 2) as double precision) as margin from given where $margins <> 'none'
  ),
  compared as (
    select
      t.layer, t.arm, t.metric, t.harm, c.n as control_n, t.n, c.value as control_value, t.value,
      t.value - c.value as difference,
      coalesce(o.margin, $margin * c.value) as margin,
      -- How much of the control's value the bound is, beside a margin of its own.
      case when o.margin is null then 1 + t.harm * $margin else 1 end as part,
      c.variance / c.n as control_square,
      t.variance / t.n as square,
      greatest(c.variance, t.variance) as sure
    from valued t
    join valued c on c.layer = t.layer and c.metric = t.metric
    left join own o on o.metric = t.metric
    where c.arm = $control and t.arm <> $control
  ),
  measured as (
    select
      *,
      harm * difference - margin as beyond,
      sqrt(control_square + square) as se,
      sqrt(part * part * control_square + square) as beyond_se
    from compared
  ),
  -- For many looks the greater of both variances stands for either arm's, as in experiment.
  stepped as (
    select *, sure * (1 / control_n + 1 / n) as square_many, sure * (part * part / control_n + 1 / n) as beyond_many, $tau * $tau * sure as spread from measured
  ),
  widened as (
    select
      *,
      case when $looks = 'one' or sure = 0 then 1.959963984540054 * se
        else sqrt(square_many * (square_many + spread) / nullif(spread, 0) * (ln(1 + spread / square_many) - 2 * ln(cast(0.05 as double precision)))) end as half,
      case when $looks = 'one' or sure = 0 then 1.959963984540054 * beyond_se
        else sqrt(beyond_many * (beyond_many + spread) / nullif(spread, 0) * (ln(1 + spread / beyond_many) - 2 * ln(cast(0.05 as double precision)))) end as beyond_half
    from stepped
  )
select
  layer,
  arm,
  metric,
  case when harm > 0 then 'higher' else 'lower' end as worse,
  cast(control_n as bigint) as control_users,
  cast(n as bigint) as users,
  control_value,
  value,
  difference,
  se,
  difference - half as low,
  difference + half as high,
  margin,
  beyond,
  beyond - beyond_half as beyond_low,
  beyond + beyond_half as beyond_high,
  case
    when control_n < $least_users or n < $least_users then 'unclear'
    when beyond + beyond_half <= 0 then 'ok'
    when beyond - beyond_half > 0 then 'breached'
    else 'unclear'
  end as verdict
from widened
order by layer, arm, metric
