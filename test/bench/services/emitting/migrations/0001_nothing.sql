-- Up Migration

-- Nothing: what the function emits goes into the platform's own table.
select 1;
