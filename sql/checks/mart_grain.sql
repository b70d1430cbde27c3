-- Every mart that is a view has one row for each thing that it is about.
select 'dim_item' as mart, item_id as thing, cast(version as text) as part, count(*) as mart_rows from dim_item group by item_id, version having count(*) > 1
union all
select 'dim_item_cluster', item_id, embedding_version, count(*) from dim_item_cluster group by item_id, embedding_version having count(*) > 1
union all
select 'dim_model', model_version, '', count(*) from dim_model group by model_version having count(*) > 1
union all
select 'dim_user', user_id, '', count(*) from dim_user group by user_id having count(*) > 1
union all
select 'dim_user_version', user_id, cast(version as text), count(*) from dim_user_version group by user_id, version having count(*) > 1
union all
select 'fct_click', event_id, cast(day as text), count(*) from fct_click group by event_id, day having count(*) > 1
union all
select 'fct_conversion', event_id, cast(day as text), count(*) from fct_conversion group by event_id, day having count(*) > 1
union all
select 'fct_slate', decision_id, '', count(*) from fct_slate group by decision_id having count(*) > 1
union all
select 'fct_filter', decision_id, reason, count(*) from fct_filter group by decision_id, reason having count(*) > 1
union all
select 'fct_spend', item_id, cast(day as text) || ' ' || advertiser, count(*) from fct_spend group by item_id, day, advertiser having count(*) > 1
union all
select 'fct_prediction', decision_id || ' ' || action, cast(position as text), count(*) from fct_prediction group by decision_id, action, position having count(*) > 1
