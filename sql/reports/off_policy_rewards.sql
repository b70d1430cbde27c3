-- What came of every place of every kept decision: the log from which another policy is judged.
-- Grain: one place of a decision that was shown.
-- Inputs: decision, decision_place, fct_impression.
-- Measures: propensity in (0, 1], as logged; reward: 1 or 0 whether it was clicked (liked, converted), or conversion_value in the currency.
-- needs off_policy_rewards
-- $from date 1970-01-01: first UTC day of the decisions
-- $to date 9999-12-31: last UTC day of the decisions
-- $reward one-of(click,like,conversion,conversion_value) click: what counts
select
  d.decision_id,
  d.user_id,
  p.position,
  p.item_id,
  p.propensity,
  cast(max(
    case $reward
      when 'click' then case when i.clicks > 0 then 1 else 0 end
      when 'like' then case when i.likes > 0 then 1 else 0 end
      when 'conversion' then case when i.conversions > 0 then 1 else 0 end
      else i.conversion_micros / cast(1000000 as double precision)
    end) as double precision) as reward
from decision d
join decision_place p on p.decision_id = d.decision_id and p.day = d.day
-- Nobody is shown a decision before it is made. A place shown twice is one row.
join fct_impression i on i.request_id = d.request_id and i.user_id = d.user_id and i.position = p.position and i.item_id = p.item_id and i.day >= $from
where d.day between $from and $to
group by d.decision_id, d.user_id, p.position, p.item_id, p.propensity
order by d.decision_id, p.position
