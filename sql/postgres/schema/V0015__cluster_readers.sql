-- What the tables of clusters mean, and who may read them.
comment on table item_cluster is 'Which items'' vectors point the same way. One row an item with a vector of the newest embedding version. Made by recs marts.';
comment on column item_cluster.version is 'Of the embeddings.';
comment on column item_cluster.item_id is 'Whose vector.';
comment on column item_cluster.cluster is 'From 1, the largest.';
comment on column item_cluster.cosine is 'Of the item''s vector to the centre of its cluster, in [-1, 1].';
comment on table item_cluster_state is 'What the clusters were made from. One row, none before they were made.';
comment on column item_cluster_state.one is '1';
comment on column item_cluster_state.version is 'Of the embeddings.';
comment on column item_cluster_state.vectors is 'Of that version, those of items without text too.';
comment on column item_cluster_state.fingerprint is 'Of those vectors and of the way they are put into clusters.';
comment on column item_cluster_state.items is 'With a cluster.';
comment on column item_cluster_state.clusters is 'That came out.';

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'recs_reader') then
    grant select on item_cluster, item_cluster_state to recs_reader;
  end if;
end $$;
