-- Does a predicted probability come true within each segment?
-- Grain: one model version and segment of the scored test rows.
-- Inputs: prediction, dim_item (newest version).
-- Measures: row_count in test rows; mean_predicted; observed_rate the share of rows in which it happened; gap = mean_predicted - observed_rate;
-- z the gap in standard errors of the observed rate if the predictions were right: Σ (score - label) / sqrt(Σ score · (1 - score)).
-- $model text all: one model version, or all
-- $by one-of(category,kind,author,advertiser) category: what the segments are of
-- chart bars x=segment y=gap: predicted less observed
with
  segmented as (
    select
      p.model_version,
      (case $by
        when 'category' then coalesce(i.category, '')
        when 'kind' then coalesce(i.kind, 'unknown')
        when 'author' then coalesce(i.author, '')
        else coalesce(i.advertiser, '')
      end) collate "C" as segment,
      p.score,
      cast(p.label as double precision) as label
    from prediction p
    left join (select * from dim_item where is_newest) i on i.item_id = p.item_id
    where $model = 'all' or p.model_version = $model
  )
select
  model_version,
  segment,
  count(*) as row_count,
  avg(score) as mean_predicted,
  avg(label) as observed_rate,
  avg(score) - avg(label) as gap,
  case when sum(score * (1 - score)) > 0 then sum(score - label) / sqrt(sum(score * (1 - score))) end as z
from segmented
group by model_version, segment
order by model_version, segment
