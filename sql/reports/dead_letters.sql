-- What was refused, why, and what became of it.
-- Grain: one topic, reason and state.
-- Inputs: dead_letter.
-- Measures: messages; first_known, last_known when they came; an_example the detail of the newest, for a person.
-- may be empty: nothing was refused
with
  named as (
    select
      topic,
      case reason
        when 1 then 'too large'
        when 2 then 'not json'
        when 3 then 'unknown type'
        when 4 then 'unknown schema'
        when 5 then 'missing field'
        when 6 then 'invalid value'
        when 7 then 'future time'
        else 'another'
      end as reason,
      case state when 2 then 'retried' when 3 then 'dropped' when 4 then 'being published' else 'open' end as state,
      known_time,
      detail,
      row_number() over (partition by topic, reason, state order by known_time desc, part, off, content_hash) as place
    from dead_letter
  )
select
  topic,
  reason,
  state,
  count(*) as messages,
  min(known_time) as first_known,
  max(known_time) as last_known,
  max(case when place = 1 then detail end) as an_example
from named
group by topic, reason, state
order by topic, reason, state
