-- Decisions in the range.
with
  kept as (
    select count(*) as decisions from decision where day between $from and $to
  )
select 'no decision was kept from ' || cast($from as text) || ' to ' || cast($to as text) || '; they come from a server with a ledger, by way of recs ingest or recs up' as problem
from kept
where decisions = 0
