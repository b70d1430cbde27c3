-- Rows of the run that was asked for, with chances that are chances.
with
  known as (
    select run, count(*) as row_count, cast(sum(case when propensity > 0 and propensity <= 1 and target_propensity >= 0 and target_propensity <= 1 then 0 else 1 end) as bigint) as wrong
    from policy_row
    group by run
  ),
  asked as (
    select count(*) as runs, coalesce(sum(case when $run = 'all' or run = $run then 1 else 0 end), 0) as found,
      max(case when ($run = 'all' or run = $run) and wrong > 0 then run end) as wrong_run, string_agg(run, ', ' order by run) as names
    from known
  ),
  problem as (
    select
      case
        when runs = 0 then 'no policy was compared yet; recs report what-if --policy FILE writes the rows'
        when found = 0 then 'there is no run ''' || $run || '''; runs are ' || names
        when wrong_run is not null then 'run ''' || wrong_run || ''' has rows with a propensity not in (0, 1] or a target_propensity not in [0, 1]'
        when $draws < 1 or $draws > 10000 then 'draws is ' || cast($draws as text) || ', range 1 to 10000'
        when $clip <= 0 then 'clip is ' || cast($clip as text) || ', expected a number above 0'
      end as problem
    from asked
  )
select problem from problem where problem is not null
