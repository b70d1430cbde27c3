-- The way a text took through the model's experts, beside its vector.
-- One number a layer joined by '-', such as 3-0-1-2; empty for a model without experts and for vectors that were saved before this step.
alter table item_embedding add column signature text default '';
