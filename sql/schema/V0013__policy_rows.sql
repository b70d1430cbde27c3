-- Logged actions beside what another policy would have done there: what reports off_policy estimates from. A run is replaced as a whole.

create table policy_row (
  run text collate "C" not null,         -- which comparison
  unit text collate "C" not null,        -- what the bootstrap draws: rows of one user belong together
  position integer not null,             -- of the action, from 1
  item_id text collate "C" not null,
  reward double precision not null,      -- what came of it
  propensity double precision not null,  -- in (0, 1]: the chance with which it was taken
  target_propensity double precision not null, -- in [0, 1]: the chance with which the other policy would have taken it
  modelled double precision not null,    -- the reward model's value of the action
  target_value double precision not null -- the reward model's value of the other policy there: the mean over what it would have done
);
