-- Do users come back? Cohorts by the week or day in which a user was first seen.
-- Grain: one cohort and one period after it.
-- Inputs: fact (impressions and interactions).
-- Measures: users of the cohort; returned of them, seen in the period; share = returned / users. Period 0 is the cohort's own, so its share is 1.
-- A user is first seen on the first day within the range asked for: begin the range before the product did, or old users count as new ones.
-- $from date 1970-01-01: first UTC day
-- $to date 9999-12-31: last UTC day
-- $days integer 7: length of a period in days
-- chart line x=period y=share series=cohort: share of the cohort seen again
with
  seen as (
    select distinct user_id, day from fact where type in (3, 4) and day between $from and $to
  ),
  -- Weeks begin on Mondays: 1970-01-05 was one.
  numbered as (
    select distinct user_id, cast(floor(cast(day - date '1970-01-05' as double precision) / $days) as integer) as slot from seen
  ),
  first_seen as (
    select user_id, min(slot) as cohort from numbered group by user_id
  ),
  sized as (
    select cohort, count(*) as users from first_seen group by cohort
  ),
  returned as (
    select f.cohort, n.slot - f.cohort as period, count(*) as returned
    from first_seen f
    join numbered n on n.user_id = f.user_id
    group by f.cohort, n.slot - f.cohort
  )
select
  date '1970-01-05' + cast(r.cohort * $days as integer) as cohort,
  r.period,
  s.users,
  r.returned,
  cast(r.returned as double precision) / s.users as share
from returned r
join sized s on s.cohort = r.cohort
order by r.cohort, r.period
