-- Marts kept as tables. Every row here is made from the facts by one job (recs marts), a whole UTC day at a time, and may be made anew at any moment.

drop view if exists fct_impression;
delete from schema_view where name = 'fct_impression';

-- One row: what the marts are made with. A change makes every mart anew.
create table mart_setting (
  one smallint not null primary key,     -- 1
  window_days integer not null           -- an answer counts for a showing up to so many UTC days after the showing's day
);
insert into mart_setting (one, window_days) values (1, 7);

-- What each mart holds. A mart without a row was never made.
create table mart_state (
  mart text collate "C" not null primary key,
  batch bigint not null,                 -- facts of this batch and of earlier ones are in it, save those of the days that are due
  epoch bigint not null,                 -- of fact_retention when it was looked for changes last
  window_days integer not null,          -- of mart_setting, as it was made with
  checksum text not null                 -- of the SQL it was made with
);

-- Days of a mart that have to be made again.
create table mart_due (
  mart text collate "C" not null,
  day date not null,
  primary key (mart, day)
);

-- What was shown and what came of it; see sql/marts/fct_impression.sql.
create table fct_impression (
  day date not null,                     -- UTC day of event_time
  hour integer not null,                 -- of event_time, UTC, 0 to 23
  event_time timestamp not null,
  event_id text collate "C" not null,    -- of the impression
  ordinal integer not null,              -- place in the impression's list, from 0
  request_id text collate "C" not null,
  user_id text collate "C" not null,
  segment text collate "C" not null,     -- of the user when shown; unknown where none was given
  surface text collate "C" not null,
  position integer not null,             -- place on the page, from 1
  item_id text collate "C" not null,
  kind text collate "C" not null,        -- content, ad; unknown where nobody has announced the item
  category text collate "C",             -- this and the rest of the item as it was when shown
  author text collate "C",
  item_created timestamp,                -- time of the item's first version
  advertiser text collate "C",
  promotes text collate "C",             -- item that the ad is for
  bid_per text collate "C",              -- thousand, click, conversion
  bid_micros bigint,
  daily_budget_micros bigint,
  propensity double precision,           -- in (0, 1] where it was logged
  price_micros bigint not null,          -- owed once the bid's event happens; 0 for content
  clicks bigint not null,
  likes bigint not null,
  hides bigint not null,
  conversions bigint not null,
  conversion_micros bigint not null,
  dwell_ms bigint not null,
  billable integer not null,             -- 1 where the bid's event happened, else 0
  spend_thousandths bigint not null      -- owed, thousandths of a millionth of the currency
);
