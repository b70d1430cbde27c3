-- Who was in which arm on which days.
-- Grain: one user, layer, arm and UTC day with a decision.
-- Inputs: decision (experiments: layer=arm, joined by commas).
-- Measures: decisions.
-- The unit of every experiment is the user. A layer's name holds no '=' and no name a comma, or it cannot be read back from the ledger.
-- Columns:
-- - day: UTC day of the decisions.
-- - user_id: The unit of every experiment.
-- - layer: Of experiments that exclude each other.
-- - arm: Of the layer, that the user was in.
-- - decisions: Of the user in that arm on that day.
with
  named as (
    select day, user_id, unnest(string_to_array(experiments, ',')) as pair
    from decision
    where experiments <> ''
  )
select
  day,
  user_id,
  split_part(pair, '=', 1) as layer,
  substr(pair, length(split_part(pair, '=', 1)) + 2) as arm,
  count(*) as decisions
from named
group by day, user_id, split_part(pair, '=', 1), substr(pair, length(split_part(pair, '=', 1)) + 2)
