-- Items by what their texts are about: clusters of embeddings that point the same way.
-- Grain: one embedding version and item with a vector of it; the newest version when recs marts last ran, and no other.
-- Inputs: item_cluster.
-- Measures: cosine to the cluster's centre, in [-1, 1]; items of the cluster; place among them by cosine, 1 the nearest to the centre.
-- Clusters are found by spherical k-means from a fixed seed over all vectors of the version, about the root of half as many as items, 2 to 64 of them; a vector as near
-- to two centres is in the one with the lower number. Cluster 1 is the largest. Numbers mean nothing from one making to the next.
-- An item without text has no direction, and no row.
-- Columns:
-- - embedding_version: Of the vectors.
-- - item_id: Whose vector.
-- - cluster: From 1, the largest.
-- - cosine: Of the item's vector to the centre of its cluster, in [-1, 1].
-- - place: Among the items of the cluster by cosine, from 1, the nearest to the centre.
-- - items: Of the cluster.
select
  c.version as embedding_version,
  c.item_id,
  c.cluster,
  c.cosine,
  row_number() over (partition by c.version, c.cluster order by c.cosine desc, c.item_id) as place,
  count(*) over (partition by c.version, c.cluster) as items
from item_cluster c
