-- Who may only read. recs_reader sees marts, facts and results; recs_advertiser sees what was shown of its own ads, and nobody's name.
-- A person's role is granted one of them; which advertisers a role may see is a row of advertiser_access, never a setting that the session can change.
create table advertiser_access (
  role_name text not null,
  advertiser text collate "C" not null,
  primary key (role_name, advertiser)
);
comment on table advertiser_access is 'Which advertisers'' rows a database role sees, besides being a member of recs_advertiser.';
comment on column advertiser_access.role_name is 'Database role that logs in.';
comment on column advertiser_access.advertiser is 'As in fct_impression.';

-- Roles belong to the server, and not everybody who migrates may make one: without them the database works, and they are made by hand.
do $$
declare
  reader text;
begin
  foreach reader in array array['recs_reader', 'recs_advertiser'] loop
    begin
      if not exists (select 1 from pg_roles where rolname = reader) then execute format('create role %I nologin', reader); end if;
    exception
      when insufficient_privilege then raise notice 'role % is not there and may not be made by this user', reader;
      when duplicate_object or unique_violation then null; -- another database of this server was quicker
    end;
  end loop;
end $$;

alter table fct_impression enable row level security;
alter table advertiser_access enable row level security;
do $$
begin
  if exists (select 1 from pg_roles where rolname = 'recs_reader') then
    execute format('grant usage on schema %I to recs_reader', current_schema());
    -- Not the payloads: they hold whatever was sent of an item or a person.
    grant select (day, event_id, type, event_time, known_time, user_id, item_id, request_id, surface, action, value_micros, dwell_ms, batch) on fact to recs_reader;
    grant select on fact_item, fact_shown, fct_impression, mart_setting, mart_state, mart_due, decision_place, decision_removal, prediction, score, model_registry, ingest_counter, stream_offset to recs_reader;
    create policy everything on fct_impression for select to recs_reader using (true);
  end if;
  if exists (select 1 from pg_roles where rolname = 'recs_advertiser') then
    execute format('grant usage on schema %I to recs_advertiser', current_schema());
    grant select (day, hour, event_time, ordinal, segment, surface, position, item_id, kind, category, advertiser, promotes, bid_per, bid_micros, daily_budget_micros,
      price_micros, clicks, likes, hides, conversions, conversion_micros, dwell_ms, billable, spend_thousandths) on fct_impression to recs_advertiser;
    grant select on advertiser_access to recs_advertiser;
    create policy own on advertiser_access for select to recs_advertiser using (role_name = current_user);
    create policy own_ads on fct_impression for select to recs_advertiser
      using (advertiser in (select a.advertiser from advertiser_access a where a.role_name = current_user));
  end if;
end $$;
