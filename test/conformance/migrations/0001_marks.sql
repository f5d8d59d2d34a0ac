-- Up Migration

-- Nothing here is unique: what happens twice is there twice.
create table marks (
  what text not null
);
