-- Run once per server by an administrator, before governance.sql; running it again changes nothing.
--   governance_owner owns the database and runs governance.sql. People do, when they upgrade; the gateway never.
--   governance_app   is the gateway: reads and inserts, nothing else.
-- Give each a password or a certificate as your server's pg_hba.conf asks: \password governance_app
do $roles$
begin
    if not exists (select from pg_roles where rolname = 'governance_owner') then
        create role governance_owner login;
    end if;
    if not exists (select from pg_roles where rolname = 'governance_app') then
        create role governance_app login;
    end if;
end
$roles$;
