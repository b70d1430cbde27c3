-- An impression shows an item once, and its places are numbered without a gap from 0.
select day, event_id, count(*) as shown, count(distinct item_id) as items, min(ordinal) as first_ordinal, max(ordinal) as last_ordinal
from fact_shown
group by day, event_id
having count(*) <> count(distinct item_id) or count(*) <> count(distinct ordinal) or min(ordinal) <> 0 or max(ordinal) <> count(*) - 1
