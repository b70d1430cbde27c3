-- Answers of the ranking API and what came of them.
-- Grain: one decision.
-- Inputs: decision, decision_place, decision_removal, fct_impression.
-- Measures: candidates looked at; removed before scoring; places of the answer and ads among them; ecpm_micros of those ads at their bids, millionths
-- of the currency; shown items of the decision's request and user on the decision's UTC day or within the window after it, and the clicks, likes, hides,
-- conversions (events), conversion_micros (millionths of the currency), dwell_ms (milliseconds) and spend_thousandths (thousandths of a millionth of the
-- currency) that count for them. Decisions of one request share what came of it.
-- Columns:
-- - day: UTC day of decided_at.
-- - decided_at: The moment ranked for, UTC.
-- - decision_id: The decision.
-- - request_id: The rank request that it answered.
-- - user_id: Who asked.
-- - surface: Where it was to be shown.
-- - model_version: Of the model that scored.
-- - embedding_version: Of the vectors that it read.
-- - policy_version: Of the rules of the slate.
-- - code_version: Of the build that answered.
-- - degraded: none, or what the answer did without.
-- - experiments: layer=arm, joined by commas; empty without experiments.
-- - candidates: Looked at.
-- - removed: Of them taken out before scoring.
-- - places: Of the answer.
-- - ads: Among the places.
-- - ecpm_micros: Of those ads at their bids, millionths of the currency.
-- - shown: Items shown for the decision's request and user, on its UTC day or within the window after it.
-- - clicks: That count for them.
-- - likes: That count for them.
-- - hides: That count for them.
-- - conversions: That count for them.
-- - conversion_micros: Worth of those conversions, millionths of the currency.
-- - dwell_ms: Time spent on them, milliseconds.
-- - spend_thousandths: Owed for them, thousandths of a millionth of the currency.
with
  placed as (
    select
      decision_id,
      count(*) as places,
      cast(sum(case when kind = 'ad' then 1 else 0 end) as bigint) as ads,
      cast(sum(ecpm_micros) as bigint) as ecpm_micros
    from decision_place
    group by decision_id
  ),
  taken_out as (
    select decision_id, cast(sum(candidates) as bigint) as removed from decision_removal group by decision_id
  ),
  outcome as (
    select
      d.decision_id,
      count(*) as shown,
      cast(sum(m.clicks) as bigint) as clicks,
      cast(sum(m.likes) as bigint) as likes,
      cast(sum(m.hides) as bigint) as hides,
      cast(sum(m.conversions) as bigint) as conversions,
      cast(sum(m.conversion_micros) as bigint) as conversion_micros,
      cast(sum(m.dwell_ms) as bigint) as dwell_ms,
      cast(sum(m.spend_thousandths) as bigint) as spend_thousandths
    from (select d.decision_id, d.request_id, d.user_id, d.day, d.day + s.window_days as last_day from decision d cross join mart_setting s) d
    join fct_impression m on m.request_id = d.request_id and m.user_id = d.user_id and m.day >= d.day and m.day <= d.last_day
    group by d.decision_id
  )
select
  d.day,
  d.decided_at,
  d.decision_id,
  d.request_id,
  d.user_id,
  d.surface,
  d.model_version,
  d.embedding_version,
  d.policy_version,
  d.code_version,
  d.degraded,
  d.experiments,
  d.candidates,
  coalesce(r.removed, 0) as removed,
  coalesce(p.places, 0) as places,
  coalesce(p.ads, 0) as ads,
  coalesce(p.ecpm_micros, 0) as ecpm_micros,
  coalesce(o.shown, 0) as shown,
  coalesce(o.clicks, 0) as clicks,
  coalesce(o.likes, 0) as likes,
  coalesce(o.hides, 0) as hides,
  coalesce(o.conversions, 0) as conversions,
  coalesce(o.conversion_micros, 0) as conversion_micros,
  coalesce(o.dwell_ms, 0) as dwell_ms,
  coalesce(o.spend_thousandths, 0) as spend_thousandths
from decision d
left join placed p on p.decision_id = d.decision_id
left join taken_out r on r.decision_id = d.decision_id
left join outcome o on o.decision_id = d.decision_id
