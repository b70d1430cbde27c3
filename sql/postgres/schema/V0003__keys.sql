-- Several workers write at once here, so the database itself keeps an event once; and it looks rows up one at a time.
create unique index fact_key on fact (day, event_id);
create index fact_known on fact (known_time, event_time, event_id);
create index fact_shown_key on fact_shown (day, event_id);
create index fact_item_item on fact_item (item_id, event_time);
create index score_user on score (model_version, user_id, rank);
