-- Models: what each was made of, and what it did.
-- Grain: one model version that is registered, answered, scored or was judged.
-- Inputs: model_registry, decision, score, prediction, fct_impression, mart_setting.
-- Measures: decisions made with it; impressions in shown items put down to those decisions, clicks, conversions in such items clicked and converted;
-- spend_thousandths owed for them, in thousandths of a millionth of the currency; scores in rows of batch scores kept, predictions in judged rows kept.
-- A shown item is put down to one decision of its request and user, on the shown item's UTC day or one of the window's days before it: of several the last one
-- at or before the showing, else the first one after it. What is not registered has status unregistered and nothing that only the registry knows.
-- Columns:
-- - model_version: Of the model folder.
-- - status: shadow, live, retired; unregistered where the registry does not have it.
-- - parent: The live version when this one was trained; null for none.
-- - heads: Actions that it predicts, joined by commas; null where its parameters name none.
-- - embedding_version: Of the vectors that it reads; none where it reads no vectors; of an unregistered model the last by name of its decisions or scores.
-- - schema_hash: Of the feature columns that it reads.
-- - data_from: The first impression learnt from, UTC; null where rows carried no time.
-- - data_to: The end of what it saw in training and validation, UTC.
-- - created: When it was registered, UTC.
-- - changed: When its status changed last, UTC.
-- - first_decision: Moment ranked for, UTC; null where it never answered.
-- - last_decision: Moment ranked for, UTC; null where it never answered.
-- - decisions: Made with it.
-- - impressions: Shown items put down to its decisions.
-- - clicks: Such items clicked.
-- - conversions: Such items converted.
-- - spend_thousandths: Owed for them, thousandths of a millionth of the currency.
-- - scores: Rows of batch scores kept.
-- - predictions: Judged rows kept.
with
  dated as (
    select d.decision_id, d.model_version, d.embedding_version, d.request_id, d.user_id, d.decided_at, d.day, d.day + s.window_days as last_day
    from decision d
    cross join mart_setting s
  ),
  candidate as (
    select
      d.model_version, m.clicks, m.conversions, m.spend_thousandths,
      row_number() over (
        partition by m.day, m.event_id, m.ordinal
        order by
          case when d.decided_at <= m.event_time then 0 else 1 end,
          case when d.decided_at <= m.event_time then d.decided_at end desc,
          d.decided_at, d.decision_id
      ) as choice
    from dated d
    join fct_impression m on m.request_id = d.request_id and m.user_id = d.user_id and m.day >= d.day and m.day <= d.last_day
  ),
  shown as (
    select
      model_version,
      count(*) as impressions,
      cast(sum(case when clicks > 0 then 1 else 0 end) as bigint) as clicks,
      cast(sum(case when conversions > 0 then 1 else 0 end) as bigint) as conversions,
      cast(sum(spend_thousandths) as bigint) as spend_thousandths
    from candidate
    where choice = 1
    group by model_version
  ),
  decided as (
    select model_version, count(*) as decisions, min(decided_at) as first_decision, max(decided_at) as last_decision, max(embedding_version) as embedding_version
    from decision
    group by model_version
  ),
  scored as (
    select model_version, count(*) as scores, max(embedding_version) as embedding_version from score group by model_version
  ),
  judged as (
    select model_version, count(*) as predictions from prediction group by model_version
  ),
  named as (
    select version as model_version from model_registry
    union
    select model_version from decided
    union
    select model_version from scored
    union
    select model_version from judged
  )
select
  n.model_version,
  case r.status when 1 then 'shadow' when 2 then 'live' when 3 then 'retired' else 'unregistered' end as status,
  r.parent,
  translate(cast(cast(r.parameters as json) -> 'heads' as text), '[]" ', '') as heads,
  coalesce(r.embedding_version, d.embedding_version, s.embedding_version) as embedding_version,
  r.schema_hash,
  r.data_from,
  r.data_to,
  r.registered_at as created,
  r.changed_at as changed,
  d.first_decision,
  d.last_decision,
  coalesce(d.decisions, 0) as decisions,
  coalesce(i.impressions, 0) as impressions,
  coalesce(i.clicks, 0) as clicks,
  coalesce(i.conversions, 0) as conversions,
  coalesce(i.spend_thousandths, 0) as spend_thousandths,
  coalesce(s.scores, 0) as scores,
  coalesce(j.predictions, 0) as predictions
from named n
left join model_registry r on r.version = n.model_version
left join decided d on d.model_version = n.model_version
left join scored s on s.model_version = n.model_version
left join judged j on j.model_version = n.model_version
left join shown i on i.model_version = n.model_version
