-- Who was in which arm on which days.
-- Grain: one user, layer, arm and UTC day with a decision.
-- Inputs: decision (experiments: layer=arm, joined by commas).
-- Measures: decisions.
-- The unit of every experiment is the user. A layer's name holds no '=' and no name a comma, or it cannot be read back from the ledger.
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
