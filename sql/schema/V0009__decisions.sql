-- The decision ledger: what the ranking API answered, and what each answer was made from. Kept by decision id, so that a decision that comes twice is one.

create table decision (
  decision_id text collate "C" not null primary key,
  day date not null,                     -- UTC day of decided_at
  decided_at timestamp not null,         -- the moment ranked for
  request_id text collate "C" not null,  -- impressions and interactions that followed carry it
  user_id text collate "C" not null,
  surface text collate "C" not null,
  model_version text collate "C" not null,
  embedding_version text collate "C" not null,
  policy_version text collate "C" not null,
  code_version text collate "C" not null,
  degraded text collate "C" not null,    -- 'none', or what the answer did without
  experiments text collate "C" not null, -- layer=arm, joined by commas; empty without experiments
  candidates integer not null,           -- looked at
  answer bytea not null,                 -- the answer's body, UTF-8 JSON, byte for byte
  inputs bytea not null                  -- what it was composed from, packed; empty where that was too large to keep
);

-- One row per place of an answer.
create table decision_place (
  decision_id text collate "C" not null,
  day date not null,
  position integer not null,             -- from 1
  item_id text collate "C" not null,
  kind text collate "C" not null,        -- content, ad
  score double precision not null,       -- the policy's value
  propensity double precision not null,  -- in (0, 1]: with what probability it was put there
  advertiser text collate "C",           -- ads only
  ecpm_micros bigint not null,           -- of an ad at its bid, millionths of the currency; 0 for content
  price_micros bigint not null           -- of an ad for each billed event (for a bid per thousand: for a thousand impressions); 0 for content
);

-- How many candidates of an answer were taken out before scoring, by reason.
create table decision_removal (
  decision_id text collate "C" not null,
  day date not null,
  reason text collate "C" not null,
  candidates integer not null
);
