-- What became of a refused message, and where a group's reading was moved over messages.
-- The table is made anew: its key grows by the content, since a topic that was made anew counts its offsets from 0 again.

create table dead_letter_before as select topic, part, off, reason, detail, raw, known_time from dead_letter;
drop table dead_letter;
create table dead_letter (
  topic text collate "C" not null,
  part integer not null,
  off bigint not null,
  content_hash text collate "C" not null, -- SHA-256 (hex) of raw; empty for messages kept before this step
  reason smallint not null,               -- RejectionReason
  detail text not null,
  raw bytea not null,                     -- empty for a message without a value
  known_time timestamp not null,
  message_key text,                       -- base64 of the message's key; null for none
  state smallint default 1,               -- 1 open, 2 retried, 3 dropped, 4 being published
  state_time timestamp,                   -- of its last change; null while nothing was done
  state_note text,                        -- of whoever changed it
  primary key (topic, part, off, content_hash)
);
insert into dead_letter (topic, part, off, content_hash, reason, detail, raw, known_time)
select topic, part, off, '', reason, detail, raw, known_time from dead_letter_before;
drop table dead_letter_before;

-- One row each time an operator moved a group's next offset past what the stream no longer holds, or past what was not wanted.
create table stream_gap (
  grp text collate "C" not null,
  topic text collate "C" not null,
  part integer not null,
  from_offset bigint not null,            -- the next offset before; 0 for a partition never read
  to_offset bigint not null,              -- the next offset after; below the other where the topic was made anew
  moved_at timestamp not null,
  how text not null                       -- the switch, as it was given
);
