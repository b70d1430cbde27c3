comment on column fct_impression.page_ads is 'Ads of the impression, this item included where it is one.';
