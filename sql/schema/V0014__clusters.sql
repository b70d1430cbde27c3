-- Clusters of embeddings: which items' vectors point the same way. Made by recs marts as a whole, whenever the embedding version or its vectors have changed.

create table item_cluster (
  version text collate "C" not null,     -- of the embeddings
  item_id text collate "C" not null,
  cluster integer not null,              -- from 1, the largest
  cosine double precision not null,      -- of the item's vector to the centre of its cluster, in [-1, 1]
  primary key (version, item_id)
);

-- What the clusters were made from. One row, none before they were made.
create table item_cluster_state (
  one smallint not null primary key,     -- 1
  version text collate "C" not null,     -- of the embeddings
  vectors bigint not null,               -- of that version, those of items without text too
  fingerprint text not null,             -- of those vectors and of the way they are put into clusters
  items bigint not null,                 -- with a cluster
  clusters integer not null              -- that came out
);
