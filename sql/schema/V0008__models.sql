-- Trained models: what each was made of, how it was judged, and which one serves. One row a model version.

create table model_registry (
  version text collate "C" not null primary key, -- of the model folder
  folder text not null,                  -- where it was written
  status smallint not null,              -- 1 shadow, 2 live (one at most), 3 retired
  parent text collate "C",               -- the live version when this one was trained; null for none
  schema_hash text not null,             -- of the feature columns it reads
  embedding_version text not null,       -- 'none' where it reads no vectors
  data_from timestamp,                   -- the first impression learnt from; null where rows carried no time
  data_to timestamp,                     -- the end of what it saw in training and validation
  parameters text not null,              -- JSON: heads, learner and its options, periods
  metrics text not null,                 -- JSON: figures by head, of the period it was judged on
  registered_at timestamp not null,
  changed_at timestamp not null          -- of the status
);
