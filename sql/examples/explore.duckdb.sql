-- A store's file and an exported mart side by side, by the DuckDB command line. One process writes a DuckDB file at a time: stop recs first, or work on a copy.
--   ./recs export fct_impression --db duckdb:recs.duckdb --output fct_impression.parquet
--   duckdb < sql/examples/explore.duckdb.sql
.nullvalue -

attach 'recs.duckdb' as store (read_only);
-- Views find their tables only in the database that is in use.
use store;

.print What is in the exported file
select * from (describe select * from read_parquet('fct_impression.parquet'));

.print The exported file against the store: no row means that they are the same
select day, count(*) as missing
from (
  select day, event_id, ordinal, clicks from fct_impression
  except
  select day, event_id, ordinal, clicks from read_parquet('fct_impression.parquet')
)
group by day
order by day;

.print Clicked by shown items, by position
select position, count(*) as shown, avg(case when clicks > 0 then 1 else 0 end) as click_through
from read_parquet('fct_impression.parquet')
group by position
order by position;

.print What the heads said against what happened
select model_version, action, count(*) as places, avg(probability) as predicted, avg(happened) as observed
from fct_prediction
where showings > 0
group by model_version, action
order by model_version, action;

.print A sample for a plot elsewhere
copy (select day, position, kind, clicks from fct_impression using sample 1000 rows (reservoir, 1)) to 'sample.csv' (header);
