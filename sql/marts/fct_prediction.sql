-- What the heads said of each place of an answer when it was made, and what happened.
-- Grain: one place of a decision and predicted action, of those that fct_impression counts: click, like, hide, conversion.
-- Inputs: decision (the answer's own bytes), decision_place, fct_impression, mart_setting.
-- Measures: probability the calibrated head's, in [0, 1]; showings of the place, shown items of the decision's request and user, of its position and item, on the
-- decision's UTC day or within the window after it; happened 1 where the action followed one of them, else 0; null where nothing was shown.
-- A degraded answer says what it had: with counters, the item's own rates instead of the heads; with popularity, nothing.
-- Columns:
-- - day: UTC day of decided_at.
-- - decided_at: The moment ranked for, UTC.
-- - decision_id: Of the answer.
-- - request_id: What its impressions and interactions carry.
-- - user_id: For whom.
-- - surface: Where it was to be shown.
-- - model_version: Of the heads.
-- - policy_version: Of the rules.
-- - degraded: none, or what the answer did without.
-- - position: Of the place, from 1.
-- - item_id: What stood there.
-- - kind: content, ad.
-- - propensity: With what probability it was put there, in (0, 1].
-- - action: click, like, hide, conversion.
-- - probability: What the head said, in [0, 1].
-- - showings: Of the place, within the window.
-- - happened: 1 where the action followed a showing, else 0; null where nothing was shown.
with
  told as (
    select
      d.decision_id, d.day, d.request_id, d.user_id, d.day + s.window_days as last_day, p.position, p.item_id, p.kind,
      cast(decode(d.answer) as json) -> 'slate' -> cast(p.position - 1 as integer) as place
    from decision d
    join decision_place p on p.decision_id = d.decision_id
    cross join mart_setting s
    where d.degraded <> 'popularity'
  ),
  shown as (
    select
      t.decision_id,
      t.position,
      count(*) as showings,
      max(case when m.clicks > 0 then 1 else 0 end) as click,
      max(case when m.likes > 0 then 1 else 0 end) as liked,
      max(case when m.hides > 0 then 1 else 0 end) as hide,
      max(case when m.conversions > 0 then 1 else 0 end) as conversion
    from told t
    join fct_impression m on m.request_id = t.request_id and m.user_id = t.user_id and m.position = t.position and m.item_id = t.item_id
    where m.day >= t.day and m.day <= t.last_day
    group by t.decision_id, t.position
  ),
  action as (
    select 'click' as action union all select 'like' union all select 'hide' union all select 'conversion'
  ),
  said as (
    select t.decision_id, t.position, a.action, cast(t.place -> 'heads' ->> a.action as double precision) as probability
    from told t
    cross join action a
    -- The answer's places are in order of their positions from 1.
    where t.place ->> 'item' = t.item_id
  )
select
  d.day,
  d.decided_at,
  d.decision_id,
  d.request_id,
  d.user_id,
  d.surface,
  d.model_version,
  d.policy_version,
  d.degraded,
  p.position,
  p.item_id,
  p.kind,
  p.propensity,
  s.action,
  s.probability,
  coalesce(o.showings, 0) as showings,
  case s.action when 'click' then o.click when 'like' then o.liked when 'hide' then o.hide else o.conversion end as happened
from said s
join decision d on d.decision_id = s.decision_id
join decision_place p on p.decision_id = s.decision_id and p.position = s.position
left join shown o on o.decision_id = s.decision_id and o.position = s.position
where s.probability is not null
