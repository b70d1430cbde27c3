-- The mart of impressions by day, as facts are: a report over a week reads the tables of that week, a day is made again without the indexes of all the others, and old
-- days leave without a delete. It is emptied here, with its state: every day is due, and the next recs marts makes it.

-- Views of marts are made again after the last step. Somebody's own view over it cannot be: better to say so than to lose it.
do $$
declare
  views text := (select string_agg(format('%I', name), ', ') from schema_view);
  others text;
begin
  if views is not null then execute 'drop view if exists ' || views; end if;
  select string_agg(distinct r.ev_class::regclass::text, ', ') into others
  from pg_depend d join pg_rewrite r on r.oid = d.objid
  where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = 'fct_impression'::regclass;
  if others is not null then
    raise exception 'fct_impression becomes a partitioned table, and % reads it: drop that, migrate, and make it again', others;
  end if;
end $$;

do $$
declare
  statement text;
  -- Rights and policies as they stand, those that were given by hand too. Read before the table has another name: a policy may say it.
  kept text[] := array(
    select format('grant %s on fct_impression to %s%s', a.privilege_type, case a.grantee when 0 then 'public' else a.grantee::regrole::text end, case when a.is_grantable then ' with grant option' else '' end)
    from pg_class c cross join aclexplode(c.relacl) a
    where c.oid = 'fct_impression'::regclass and a.grantee <> c.relowner
    union all
    select format('grant %s (%I) on fct_impression to %s%s', a.privilege_type, t.attname, case a.grantee when 0 then 'public' else a.grantee::regrole::text end, case when a.is_grantable then ' with grant option' else '' end)
    from pg_attribute t cross join aclexplode(t.attacl) a
    where t.attrelid = 'fct_impression'::regclass and not t.attisdropped
    union all
    select format('create policy %I on fct_impression as %s for %s to %s', policyname, permissive, cmd, (select string_agg(format('%I', role), ', ') from unnest(roles) role))
      || coalesce(' using (' || qual || ')', '') || coalesce(' with check (' || with_check || ')', '')
    from pg_policies where schemaname = current_schema() and tablename = 'fct_impression');
begin
  alter table fct_impression rename to fct_impression_whole;
  create table fct_impression (like fct_impression_whole including defaults including comments) partition by range (day);
  drop table fct_impression_whole;
  alter table fct_impression enable row level security;
  foreach statement in array kept loop
    execute statement;
  end loop;
end $$;
comment on table fct_impression is 'What was shown and what came of it. One row a shown item of an impression. Kept up to the facts by recs marts. Each UTC day is a table of its own.';

-- Erasure, and new versions of users and items, look their showings up. A day needs no index: it is its table.
create index fct_impression_user on fct_impression (user_id);
create index fct_impression_item on fct_impression (item_id);

delete from mart_due where mart = 'fct_impression';
delete from mart_state where mart = 'fct_impression';

-- Makes the partition of a day of a mart where it is missing, with what stage, a table of the mart's columns, has of it, and says how many rows that is. Days before 2000
-- share one, and so do those from 2200 on. Its indexes are made when it is attached, from all of its rows at once; attaching holds up no reader.
create function load_mart_day(mart text, stage text, of_day date) returns bigint language plpgsql as $$
declare
  suffix text := case when of_day < date '2000-01-01' then 'early' when of_day >= date '2200-01-01' then 'far' else to_char(of_day, 'YYYYMMDD') end;
  first text := case suffix when 'early' then 'minvalue' when 'far' then '''2200-01-01''' else quote_literal(of_day) end;
  next text := case suffix when 'early' then '''2000-01-01''' when 'far' then 'maxvalue' else quote_literal(of_day + 1) end;
  part text := mart || '_' || suffix;
  loaded bigint;
begin
  if to_regclass(part) is not null then return 0; end if;
  execute format('create table %I (like %I including defaults)', part, mart);
  -- Rights and policies are the mart's. Whoever asks a day's table itself is shown nothing, whatever rights new tables are given by default.
  execute format('alter table %I enable row level security', part);
  execute format('insert into %I select * from %I where day >= %s and day < %s', part, stage, replace(first, 'minvalue', '''-infinity'''), replace(next, 'maxvalue', '''infinity'''));
  get diagnostics loaded = row_count;
  execute format('alter table %I attach partition %I for values from (%s) to (%s)', mart, part, first, next);
  return loaded;
end $$;

-- Drops the days of a mart before of_day with their partitions.
create function drop_mart_days(mart text, of_day date) returns void language plpgsql as $$
declare
  part text;
begin
  for part in
    select child.relname from pg_inherits join pg_class parent on parent.oid = inhparent join pg_class child on child.oid = inhrelid
    where parent.relname = mart and pg_table_is_visible(child.oid)
      and (child.relname like '%\_early' and of_day >= date '2000-01-01'
        or child.relname ~ '_[0-9]{8}$' and to_date(right(child.relname, 8), 'YYYYMMDD') < of_day)
    order by child.relname
  loop
    execute format('drop table %I', part);
  end loop;
  -- A day that lies within a shared partition.
  execute format('delete from %I where day < $1', mart) using of_day;
end $$;

-- Takes the tables that lose days for this transaction alone: all of them before anything is dropped, or none. A reader that has one and waits for another would wait in a
-- circle, and the server ends somebody after deadlock_timeout, a second; so this gives up well before, lets go of what it has and of who queues behind it, and tries again.
create function take_days_alone() returns void language plpgsql as $$
begin
  for attempt in 1 .. 30 loop
    begin
      set local lock_timeout = '300ms';
      lock table only fct_impression, only fact, only fact_shown in access exclusive mode;
      return;
    exception
      when lock_not_available then null;
    end;
  end loop;
  raise lock_not_available using message = 'days cannot be dropped while reports read fact, fact_shown or fct_impression: 30 attempts in 9 s failed; try again when they are done';
end $$;
