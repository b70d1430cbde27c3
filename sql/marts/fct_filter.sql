-- Candidates that were taken out before scoring, and why.
-- Grain: one decision and reason.
-- Inputs: decision, decision_removal.
-- Measures: removed and candidates in candidates of the decision; removed_share = removed / candidates, in [0, 1].
-- Columns:
-- - day: UTC day of the decision.
-- - decided_at: The moment ranked for, UTC.
-- - decision_id: The decision.
-- - request_id: The rank request that it answered.
-- - user_id: Who asked.
-- - surface: Where it was to be shown.
-- - policy_version: Of the rules of the slate.
-- - experiments: layer=arm, joined by commas; empty without experiments.
-- - reason: Why candidates were taken out.
-- - removed: Candidates taken out for that reason.
-- - candidates: Looked at by the decision.
-- - removed_share: removed / candidates, in [0, 1]; null without candidates.
select
  r.day,
  d.decided_at,
  r.decision_id,
  d.request_id,
  d.user_id,
  d.surface,
  d.policy_version,
  d.experiments,
  r.reason,
  cast(r.candidates as bigint) as removed,
  cast(d.candidates as bigint) as candidates,
  case when d.candidates > 0 then cast(r.candidates as double precision) / d.candidates end as removed_share
from decision_removal r
join decision d on d.decision_id = r.decision_id
