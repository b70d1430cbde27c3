-- Facts by day: old days leave without a delete, and a range of days is looked up in those days only.
-- There is no default partition: a new day is attached under a lock that readers do not wait for.
alter table fact rename to fact_whole;
alter table fact_shown rename to fact_shown_whole;
drop index fact_key;
drop index fact_known;
drop index fact_shown_key;

create table fact (like fact_whole including defaults) partition by range (day);
create table fact_shown (like fact_shown_whole including defaults) partition by range (day);
create unique index fact_key on fact (day, event_id);
create index fact_known on fact (known_time, event_time, event_id);
create index fact_batch_number on fact using brin (batch);
create index fact_user on fact (user_id) where user_id is not null;
create index fact_shown_key on fact_shown (day, event_id);
create index late_event_user on late_event (user_id) where user_id is not null;

-- Makes the partitions of a day where they are missing. Days before 2000 share one, and so do those from 2200 on.
create function ensure_fact_day(of_day date) returns void language plpgsql as $$
declare
  parent text;
  part text;
  suffix text := case when of_day < date '2000-01-01' then 'early' when of_day >= date '2200-01-01' then 'far' else to_char(of_day, 'YYYYMMDD') end;
  bounds text := case suffix when 'early' then 'from (minvalue) to (''2000-01-01'')' when 'far' then 'from (''2200-01-01'') to (maxvalue)'
                             else format('from (%L) to (%L)', of_day, of_day + 1) end;
begin
  foreach parent in array array['fact', 'fact_shown'] loop
    part := parent || '_' || suffix;
    continue when to_regclass(part) is not null;
    execute format('create table %I (like %I including defaults)', part, parent);
    execute format('alter table %I attach partition %I for values %s', parent, part, bounds);
  end loop;
end $$;

-- Drops the impressions and interactions of the days before of_day with their partitions; what items and users the days had goes into a smaller one.
create function drop_fact_days(of_day date) returns void language plpgsql as $$
declare
  part text;
begin
  -- Rather fail and be tried again than hold everybody up behind a long report.
  set local lock_timeout = '10s';
  create temp table fact_remaining on commit drop as select * from fact where day < of_day and type in (1, 2);
  for part in
    select child.relname from pg_inherits join pg_class parent on parent.oid = inhparent join pg_class child on child.oid = inhrelid
    where parent.relname in ('fact', 'fact_shown') and pg_table_is_visible(child.oid)
      and (child.relname like '%\_early' and of_day >= date '2000-01-01'
        or child.relname ~ '_[0-9]{8}$' and to_date(right(child.relname, 8), 'YYYYMMDD') < of_day)
    order by child.relname
  loop
    execute format('drop table %I', part);
  end loop;
  -- A day that lies within a shared partition.
  delete from fact_shown where day < of_day;
  delete from fact where day < of_day;
  perform ensure_fact_day(day) from (select distinct day from fact_remaining) days;
  insert into fact select * from fact_remaining;
end $$;

select ensure_fact_day(day) from (select distinct day from fact_whole union select distinct day from fact_shown_whole) days order by day;
insert into fact select * from fact_whole;
insert into fact_shown select * from fact_shown_whole;
-- The marts that read them go too; they are made again after the last step.
drop table fact_whole cascade;
drop table fact_shown_whole cascade;
