DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'governance') THEN
        CREATE SCHEMA governance;
    END IF;
END $EF$;
CREATE TABLE IF NOT EXISTS governance.migrations (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK_migrations" PRIMARY KEY ("MigrationId")
);

START TRANSACTION;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
        IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'governance') THEN
            CREATE SCHEMA governance;
        END IF;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    CREATE TABLE governance.events (
        position bigint NOT NULL,
        stream character varying(400) COLLATE "C" NOT NULL,
        version bigint NOT NULL,
        request bytea,
        entry bytea NOT NULL,
        root bytea NOT NULL,
        CONSTRAINT pk_events PRIMARY KEY (position)
    );
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    CREATE TABLE governance.log_keys (
        key character varying(400) COLLATE "C" NOT NULL,
        CONSTRAINT pk_log_keys PRIMARY KEY (key)
    );
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    CREATE UNIQUE INDEX ux_events_request ON governance.events (request) WHERE request is not null;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    CREATE UNIQUE INDEX ux_events_stream_version ON governance.events (stream, version);
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    alter table governance.events
        add constraint ck_events_position check (position >= 0),
        add constraint ck_events_entry check (octet_length(entry) between 1 and 65535),
        add constraint ck_events_root check (octet_length(root) = 32),
        add constraint ck_events_request check (octet_length(request) = 32);
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    create or replace function governance.refuse_change() returns trigger language plpgsql as $refuse$
    begin
        raise exception 'governance.% is append-only', tg_table_name using errcode = 'restrict_violation';
    end
    $refuse$;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    create or replace function governance.append_in_order() returns trigger language plpgsql as $order$
    declare
        next_position bigint := coalesce((select max(position) + 1 from governance.events), 0);
        next_version bigint := coalesce((select max(version) + 1 from governance.events where stream = new.stream), 1);
    begin
        if new.position <> next_position then
            raise exception 'position % is not the next one, %', new.position, next_position using errcode = 'check_violation';
        end if;
        if new.version <> next_version then
            raise exception 'version % of the stream is not the next one, %', new.version, next_version using errcode = 'check_violation';
        end if;
        return new;
    end
    $order$;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    create or replace function governance.tell_of_events() returns trigger language plpgsql as $tell$
    begin
        perform pg_notify('governance_events', '');
        return null;
    end
    $tell$;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    create trigger append_in_order before insert on governance.events for each row execute function governance.append_in_order();
    create trigger tell_of_events after insert on governance.events for each statement execute function governance.tell_of_events();
    create trigger refuse_change before update or delete on governance.events for each row execute function governance.refuse_change();
    create trigger refuse_truncate before truncate on governance.events for each statement execute function governance.refuse_change();
    create trigger refuse_change before update or delete on governance.log_keys for each row execute function governance.refuse_change();
    create trigger refuse_truncate before truncate on governance.log_keys for each statement execute function governance.refuse_change();
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    revoke all on schema governance from public;
    grant usage on schema governance to governance_app;
    grant select, insert on governance.events, governance.log_keys to governance_app;
    grant select on governance.migrations to governance_app;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121010906_SharedLog') THEN
    INSERT INTO governance.migrations ("MigrationId", "ProductVersion")
    VALUES ('20261121010906_SharedLog', '10.0.14');
    END IF;
END $EF$;
COMMIT;

