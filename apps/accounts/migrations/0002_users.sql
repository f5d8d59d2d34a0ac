-- Up Migration

-- The list by address, and the search for how one begins: letter by letter, whatever the database's own order is.
create index users_email on users ((coalesce(email_key, '') collate "C"), user_id);

-- Users as they are listed. What is null asks for nothing; those who are erased come only where they are asked for.
create function listed_users(
  wanted_status text, wanted_role text, created_from timestamptz, created_before timestamptz, email_begins text
) returns table (
  user_id uuid, email text, email_key text, name text, verified_at timestamptz, version bigint, created_at timestamptz,
  updated_at timestamptz, deleted_at timestamptz, erased_at timestamptz, roles text[]
) language sql stable as $$
  select u.user_id, u.email, coalesce(u.email_key, '') collate "C", u.name, u.verified_at, u.version, u.created_at,
    u.updated_at, u.deleted_at, u.erased_at,
    array(select role from user_roles r where r.user_id = u.user_id order by role)
  from users u
  where case coalesce(wanted_status, 'not erased')
      when 'not erased' then u.erased_at is null
      when 'erased' then u.erased_at is not null
      when 'deleted' then u.deleted_at is not null and u.erased_at is null
      when 'active' then u.deleted_at is null and u.verified_at is not null
      else u.deleted_at is null and u.verified_at is null
    end
    and (wanted_role is null or exists (select from user_roles r where r.user_id = u.user_id and r.role = wanted_role))
    and (created_from is null or u.created_at >= created_from)
    and (created_before is null or u.created_at < created_before)
    and (email_begins is null or starts_with(coalesce(u.email_key, '') collate "C", email_begins))
$$;
