-- What jobs compute from the facts: vectors, batch scores, scored test rows.

create table embedding_version (
  version text collate "C" not null primary key,
  saved bigint not null                  -- grows with every save: the greatest is the version saved last
);

create table item_embedding (
  version text collate "C" not null,
  item_id text collate "C" not null,
  content_hash text not null,            -- SHA-256 (hex) of the embedded text
  vector real[] not null,
  primary key (version, item_id)
);

-- Batch scores, one row per user and candidate; a model version is replaced as a whole.
create table score (
  model_version text collate "C" not null,
  user_id text collate "C" not null,
  item_id text collate "C" not null,
  score real not null,                   -- calibrated probability
  rank integer not null,                 -- 1 is the best of the user's candidates
  embedding_version text collate "C" not null,
  scored_at timestamp not null
);

-- Held-out rows with what the model said and what happened; a model version is replaced as a whole.
create table prediction (
  model_version text collate "C" not null,
  request_id text collate "C" not null,
  user_id text collate "C" not null,
  item_id text collate "C" not null,
  score double precision not null,       -- predicted probability
  label smallint not null                -- 1 it happened, 0 it did not
);
