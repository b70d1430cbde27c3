-- A decision's answer is kept as bytes, UTF-8; DuckDB reads such by decode(blob), and so does this.
create function decode(bytea) returns text language sql immutable strict parallel safe as 'select convert_from($1, ''UTF8'')';
comment on function decode(bytea) is 'UTF-8 bytes as text, as DuckDB''s function of this name.';
