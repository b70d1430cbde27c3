-- A place of a decision has a position of its own, from 1, and was filled with a probability in (0, 1].
select decision_id, position, count(*) as places, min(propensity) as lowest, max(propensity) as highest
from decision_place
group by decision_id, position
having count(*) > 1 or position < 1 or not (min(propensity) > 0 and max(propensity) <= 1)
