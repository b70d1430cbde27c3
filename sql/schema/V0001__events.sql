-- The one truth: distinct valid events, refused messages, and the offsets at which both stand.
-- Times are UTC, exact to the millisecond. Texts that order or join rows compare by bytes (collate "C") on every engine.

-- One row per event. A key (day, event_id) occurs once: on PostgreSQL by an index (sql/postgres/schema),
-- on DuckDB by the one writer, which looks for the key in the transaction that appends it.
create table fact (
  day date not null,                     -- UTC day of event_time
  event_id text collate "C" not null,
  type smallint not null,                -- 1 item, 2 user, 3 impression, 4 interaction
  event_time timestamp not null,
  known_time timestamp not null,         -- when this system could first have known it
  user_id text collate "C",              -- user, impression, interaction
  item_id text collate "C",              -- item, interaction
  request_id text collate "C",           -- impression; interaction when known
  surface text collate "C",              -- impression
  action smallint,                       -- interaction: 1 click, 2 dwell, 3 like, 4 share, 5 comment, 6 hide, 7 report, 8 conversion
  value_micros bigint,                   -- interaction: worth of a conversion, millionths of the currency
  dwell_ms bigint,                       -- interaction
  payload text                           -- item, user: the event as JSON
);

-- One row per shown item of an impression.
create table fact_shown (
  day date not null,
  event_id text collate "C" not null,
  ordinal integer not null,              -- place in the event's list, from 0
  position integer not null,             -- place on the page, from 1
  item_id text collate "C" not null,
  propensity double precision,           -- in (0, 1] where it was logged
  price_micros bigint not null           -- owed once the bid's event happens; 0 for content
);

-- One row per item event, the parts of its payload that reports read.
create table fact_item (
  day date not null,
  event_id text collate "C" not null,
  event_time timestamp not null,
  item_id text collate "C" not null,
  kind text collate "C" not null,        -- content, ad
  status text collate "C" not null,      -- active, paused, deleted
  title text not null,
  category text collate "C" not null,
  author text collate "C" not null,
  advertiser text collate "C",           -- the rest: ads only
  promotes text collate "C",
  bid_per text collate "C",              -- thousand, click, conversion
  bid_micros bigint,
  daily_budget_micros bigint
);

create table dead_letter (
  topic text collate "C" not null,
  part integer not null,
  off bigint not null,
  reason smallint not null,              -- RejectionReason
  detail text not null,
  raw bytea not null,
  known_time timestamp not null,
  primary key (topic, part, off)
);

create table stream_offset (
  grp text collate "C" not null,
  topic text collate "C" not null,
  part integer not null,
  next_offset bigint not null,
  primary key (grp, topic, part)
);

-- Resends dropped, by the first partition of the batch that brought them: workers of different partitions never wait for one row.
create table ingest_counter (
  topic text collate "C" not null,       -- empty for a batch without a partition
  part integer not null,
  duplicates bigint not null,
  primary key (topic, part)
);
