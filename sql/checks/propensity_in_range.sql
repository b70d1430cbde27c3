-- A logged propensity is a probability above 0.
select day, event_id, ordinal, propensity
from fact_shown
where propensity is not null and not (propensity > 0 and propensity <= 1)
