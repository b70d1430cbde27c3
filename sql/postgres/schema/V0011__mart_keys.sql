-- Marts and the decision ledger by day; and what every table and column of a mart means, for tools that ask the database.

create index fct_impression_key on fct_impression (day, event_id);
-- Erasure, and new versions of users and items, look their showings up.
create index fct_impression_user on fct_impression (user_id, day);
create index fct_impression_item on fct_impression (item_id, day);
create index fact_user_version on fact (user_id, event_time) where type = 2;

create index decision_day on decision (day);
create index decision_place_day on decision_place (day, decision_id);
create index decision_removal_day on decision_removal (day, decision_id);

comment on table mart_setting is 'What the marts are made with. One row.';
comment on column mart_setting.one is '1';
comment on column mart_setting.window_days is 'An answer counts for a showing up to so many UTC days after its day; a change makes every mart anew.';
comment on table mart_state is 'What each mart that is a table holds; one row a mart.';
comment on column mart_state.mart is 'Name of its table.';
comment on column mart_state.batch is 'Facts of this batch and of earlier ones are in it, save those of the days that are due.';
comment on column mart_state.epoch is 'Of fact_retention, when it was last looked for changes.';
comment on column mart_state.window_days is 'Of mart_setting, as it was made with.';
comment on column mart_state.checksum is 'Of the SQL it was made with.';
comment on table mart_due is 'Days of a mart that have to be made again.';
comment on column mart_due.mart is 'Name of its table.';
comment on column mart_due.day is 'UTC day.';

comment on table fct_impression is 'What was shown and what came of it. One row a shown item of an impression. Kept up to the facts by recs marts.';
comment on column fct_impression.day is 'UTC day of event_time.';
comment on column fct_impression.hour is 'Hour of event_time, UTC, 0 to 23.';
comment on column fct_impression.event_time is 'When it was shown, UTC.';
comment on column fct_impression.event_id is 'Of the impression.';
comment on column fct_impression.ordinal is 'Place in the impression''s list, from 0.';
comment on column fct_impression.request_id is 'The rank request that it answered.';
comment on column fct_impression.user_id is 'Who saw it.';
comment on column fct_impression.segment is 'Of the user when shown; unknown where none was given.';
comment on column fct_impression.surface is 'Where it was shown.';
comment on column fct_impression.position is 'Place on the page, from 1.';
comment on column fct_impression.item_id is 'What was shown.';
comment on column fct_impression.kind is 'content, ad; unknown where nobody has announced the item.';
comment on column fct_impression.category is 'Of the item when shown.';
comment on column fct_impression.author is 'Of the item when shown.';
comment on column fct_impression.item_created is 'Time of the item''s first version.';
comment on column fct_impression.advertiser is 'Of the ad when shown; null for content.';
comment on column fct_impression.promotes is 'Item that the ad was for when shown; null for content and where it names none.';
comment on column fct_impression.bid_per is 'thousand, click, conversion: what the ad paid for when shown; null for content.';
comment on column fct_impression.bid_micros is 'Bid when shown, millionths of the currency; null for content.';
comment on column fct_impression.daily_budget_micros is 'Daily budget when shown, millionths of the currency; null for content.';
comment on column fct_impression.propensity is 'With what probability it was put there, in (0, 1]; null where it was not logged.';
comment on column fct_impression.price_micros is 'Owed once the bid''s event happens, millionths of the currency; of a bid per thousand, for a thousand showings.';
comment on column fct_impression.clicks is 'Clicks that count for this showing.';
comment on column fct_impression.likes is 'Likes that count for this showing.';
comment on column fct_impression.hides is 'Hides that count for this showing.';
comment on column fct_impression.conversions is 'Conversions that count for this showing.';
comment on column fct_impression.conversion_micros is 'Worth of those conversions, millionths of the currency.';
comment on column fct_impression.dwell_ms is 'Time spent on it, milliseconds.';
comment on column fct_impression.billable is '1 where what the bid pays for happened, else 0.';
comment on column fct_impression.spend_thousandths is 'Owed for this showing, thousandths of a millionth of the currency.';
