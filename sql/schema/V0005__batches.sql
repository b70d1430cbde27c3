-- The transaction that appended a fact: who folded the facts up to one batch goes on with those of later batches. 0: before batches were counted.
alter table fact add column batch bigint default 0;
create sequence fact_batch;

-- What a batch brought besides facts and resends.
alter table ingest_counter add column late bigint default 0;     -- kept in late_event
alter table ingest_counter add column erased bigint default 0;   -- refused: their user was erased

-- How far back an event is told apart from its resend. One row.
create table fact_retention (
  one smallint not null primary key,     -- 1
  first_day date not null,               -- events of earlier days come too late: their keys are gone
  horizon_days integer not null,         -- so do events that become known more than so many days after they happened
  epoch bigint not null                  -- grows when facts leave: by retention, erasure, replay
);
insert into fact_retention (one, first_day, horizon_days, epoch) values (1, date '0001-01-01', 36500, 0);

-- Valid events that came too late to be told apart from resends: counted, kept, and no part of any derived number.
create table late_event (
  day date not null,
  event_id text collate "C" not null,
  event_time timestamp not null,
  known_time timestamp not null,
  user_id text collate "C",              -- null for an item
  payload text not null,                 -- the event as JSON
  primary key (day, event_id)
);

-- Persons who were removed. Their events are refused from then on, also when the stream is read again.
create table erased_user (
  user_hash text collate "C" not null primary key,   -- SHA-256 of the user id, hex
  erased_at timestamp not null,
  certificate text not null              -- what was touched, as JSON, without the user's id
);

-- The folded state, so that nobody must fold from the beginning. Kind 1: all facts up to a batch. Kind 2: the facts that retention dropped.
create table state_snapshot (
  id bigint not null primary key,
  kind smallint not null,                -- 1 snapshot, 2 base
  batch bigint not null,                 -- facts of this batch and of earlier ones are in it
  epoch bigint not null,                 -- of fact_retention when they were read
  layout text collate "C" not null,      -- of the state it holds; another build's is refused
  made_at timestamp not null,
  facts bigint not null,                 -- folded into it
  offsets text not null                  -- group/topic/partition: next offset, as JSON
);
create table state_snapshot_part (
  snapshot bigint not null,
  ordinal integer not null,
  bytes bytea not null,
  primary key (snapshot, ordinal)
);
