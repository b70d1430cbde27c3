-- How many ads a shown item's page has: told with each item, so that no report has to put pages together again. The mart is made anew with it.
alter table fct_impression add column page_ads integer;  -- ads of the impression, this item included where it is one
