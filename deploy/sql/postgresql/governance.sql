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

START TRANSACTION;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121050000_Schedules') THEN
        IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'schedule') THEN
            CREATE SCHEMA schedule;
        END IF;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121050000_Schedules') THEN
    -- The tables of Quartz.NET 4.7.3 (Apache License 2.0), as its package holds them, under the prefix schedule.qrtz_. A test compares them.

    -- schedule.qrtz_JOB_DETAILS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_job_details (
      sched_name text not null,
      job_name text not null,
      job_group text not null,
      description text null,
      job_class_name text not null,
      is_durable bool not null,
      is_nonconcurrent bool not null,
      is_update_data bool not null,
      requests_recovery bool not null,
      job_data bytea null,
      primary key (sched_name,job_name,job_group)
    );

    -- schedule.qrtz_TRIGGERS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_triggers (
      sched_name text not null,
      trigger_name text not null,
      trigger_group text not null,
      job_name text not null,
      job_group text not null,
      description text null,
      next_fire_time bigint null,
      prev_fire_time bigint null,
      priority integer null,
      trigger_state text not null,
      trigger_type text not null,
      start_time bigint not null,
      end_time bigint null,
      calendar_name text null,
      misfire_instr smallint null,
      misfire_orig_fire_time bigint null,
      execution_group varchar(200) null,
      preferred_node varchar(200) null,
      preferred_node_auto bool not null default false,
      retry_policy varchar(250) null,
      retry_attempt integer null,
      continues_trigger_name text null,
      continues_trigger_group text null,
      continuation_condition integer null,
      overlap_policy integer null,
      pause_reason varchar(250) null,
      paused_by varchar(200) null,
      paused_at bigint null,
      misfire_threshold bigint null,
      fixed_delay bool null,
      job_data bytea null,
      primary key (sched_name,trigger_name,trigger_group),
      foreign key (sched_name,job_name,job_group) references schedule.qrtz_job_details (sched_name,job_name,job_group)
    );

    -- schedule.qrtz_SIMPLE_TRIGGERS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_simple_triggers (
      sched_name text not null,
      trigger_name text not null,
      trigger_group text not null,
      repeat_count bigint not null,
      repeat_interval bigint not null,
      times_triggered bigint not null,
      primary key (sched_name,trigger_name,trigger_group),
      foreign key (sched_name,trigger_name,trigger_group) references schedule.qrtz_triggers (sched_name,trigger_name,trigger_group) on delete cascade
    );

    -- schedule.qrtz_CRON_TRIGGERS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_cron_triggers (
      sched_name text not null,
      trigger_name text not null,
      trigger_group text not null,
      cron_expression text not null,
      time_zone_id text,
      primary key (sched_name,trigger_name,trigger_group),
      foreign key (sched_name,trigger_name,trigger_group) references schedule.qrtz_triggers (sched_name,trigger_name,trigger_group) on delete cascade
    );

    -- schedule.qrtz_SIMPROP_TRIGGERS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_simprop_triggers (
      sched_name text not null,
      trigger_name text not null,
      trigger_group text not null,
      str_prop_1 text null,
      str_prop_2 text null,
      str_prop_3 text null,
      int_prop_1 integer null,
      int_prop_2 integer null,
      long_prop_1 bigint null,
      long_prop_2 bigint null,
      dec_prop_1 numeric null,
      dec_prop_2 numeric null,
      bool_prop_1 bool null,
      bool_prop_2 bool null,
      time_zone_id text null,
      primary key (sched_name,trigger_name,trigger_group),
      foreign key (sched_name,trigger_name,trigger_group) references schedule.qrtz_triggers (sched_name,trigger_name,trigger_group) on delete cascade
    );

    -- schedule.qrtz_BLOB_TRIGGERS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_blob_triggers (
      sched_name text not null,
      trigger_name text not null,
      trigger_group text not null,
      blob_data bytea null,
      primary key (sched_name,trigger_name,trigger_group),
      foreign key (sched_name,trigger_name,trigger_group) references schedule.qrtz_triggers (sched_name,trigger_name,trigger_group) on delete cascade
    );

    -- schedule.qrtz_CALENDARS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_calendars (
      sched_name text not null,
      calendar_name text not null,
      calendar bytea not null,
      primary key (sched_name,calendar_name)
    );

    -- schedule.qrtz_PAUSED_TRIGGER_GRPS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_paused_trigger_grps (
      sched_name text not null,
      trigger_group text not null,
      pause_reason varchar(250) null,
      paused_by varchar(200) null,
      paused_at bigint null,
      primary key (sched_name,trigger_group)
    );

    -- schedule.qrtz_PAUSED_JOB_GRPS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_paused_job_grps (
      sched_name text not null,
      job_group text not null,
      pause_reason varchar(250) null,
      paused_by varchar(200) null,
      paused_at bigint null,
      primary key (sched_name,job_group)
    );

    -- schedule.qrtz_FIRED_TRIGGERS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_fired_triggers (
      sched_name text not null,
      entry_id text not null,
      trigger_name text not null,
      trigger_group text not null,
      instance_name text not null,
      fired_time bigint not null,
      sched_time bigint not null,
      priority integer not null,
      state text not null,
      job_name text null,
      job_group text null,
      is_nonconcurrent bool not null,
      requests_recovery bool null,
      execution_group varchar(200) null,
      progress integer null,
      progress_message varchar(250) null,
      interrupt_requested_time bigint null,
      primary key (sched_name,entry_id)
    );

    -- schedule.qrtz_SCHEDULER_STATE
    CREATE TABLE IF NOT EXISTS schedule.qrtz_scheduler_state (
      sched_name text not null,
      instance_name text not null,
      last_checkin_time bigint not null,
      checkin_interval bigint not null,
      quartz_version varchar(20) null,
      primary key (sched_name,instance_name)
    );

    -- schedule.qrtz_LOCKS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_locks (
      sched_name text not null,
      lock_name text not null,
      primary key (sched_name,lock_name)
    );

    -- schedule.qrtz_EXECUTION_HISTORY
    CREATE TABLE IF NOT EXISTS schedule.qrtz_execution_history (
      sched_name text not null,
      entry_id text not null,
      instance_name text not null,
      job_name text not null,
      job_group text not null,
      trigger_name text not null,
      trigger_group text not null,
      fired_time bigint not null,
      run_time bigint not null,
      succeeded bool not null,
      error_message text null,
      retry_attempt integer not null default 0,
      retry_scheduled bool not null default false,
      execution_log text null,
      result integer null,
      summary text null,
      metrics text null,
      manual bool null,
      fire_instance_id text null,
      job_input text null,
      job_input_too_large bool null,
      primary key (sched_name,entry_id)
    );

    -- schedule.qrtz_MISFIRE_HISTORY
    CREATE TABLE IF NOT EXISTS schedule.qrtz_misfire_history (
      sched_name text not null,
      entry_id text not null,
      instance_name text not null,
      trigger_name text not null,
      trigger_group text not null,
      job_name text null,
      job_group text null,
      misfire_time bigint not null,
      sched_time bigint null,
      reason integer null,
      primary key (sched_name,entry_id)
    );

    -- schedule.qrtz_JOB_STATUS
    CREATE TABLE IF NOT EXISTS schedule.qrtz_job_status (
      sched_name text not null,
      job_group text not null,
      job_name text not null,
      first_fired_time bigint not null,
      last_fired_time bigint not null,
      last_result integer not null,
      last_run_time bigint not null,
      last_instance_name text not null,
      last_entry_id text null,
      last_summary text null,
      last_success_time bigint null,
      last_failure_time bigint null,
      last_failure_message text null,
      consecutive_failures integer not null default 0,
      run_count bigint not null default 0,
      failure_count bigint not null default 0,
      primary key (sched_name,job_group,job_name)
    );

    -- IDX_qrtz_J_G_N
    CREATE INDEX IF NOT EXISTS idx_qrtz_j_g_n ON schedule.qrtz_job_details (sched_name, job_group, job_name);

    -- IDX_qrtz_T_J
    CREATE INDEX IF NOT EXISTS idx_qrtz_t_j ON schedule.qrtz_triggers (sched_name, job_name, job_group);

    -- IDX_qrtz_T_G_N
    CREATE INDEX IF NOT EXISTS idx_qrtz_t_g_n ON schedule.qrtz_triggers (sched_name, trigger_group, trigger_name);

    -- IDX_qrtz_T_C
    CREATE INDEX IF NOT EXISTS idx_qrtz_t_c ON schedule.qrtz_triggers (sched_name, calendar_name);

    -- IDX_qrtz_T_NFT_ST
    CREATE INDEX IF NOT EXISTS idx_qrtz_t_nft_st ON schedule.qrtz_triggers (sched_name, trigger_state, next_fire_time asc, priority desc, misfire_instr);

    -- IDX_qrtz_FT_INST_JOB_REQ_RCVRY
    CREATE INDEX IF NOT EXISTS idx_qrtz_ft_inst_job_req_rcvry ON schedule.qrtz_fired_triggers (sched_name, instance_name, requests_recovery);

    -- IDX_qrtz_FT_J_G
    CREATE INDEX IF NOT EXISTS idx_qrtz_ft_j_g ON schedule.qrtz_fired_triggers (sched_name, job_name, job_group);

    -- IDX_qrtz_FT_T_G
    CREATE INDEX IF NOT EXISTS idx_qrtz_ft_t_g ON schedule.qrtz_fired_triggers (sched_name, trigger_name, trigger_group);

    -- IDX_qrtz_EH_FIRED_TIME
    CREATE INDEX IF NOT EXISTS idx_qrtz_eh_fired_time ON schedule.qrtz_execution_history (sched_name, fired_time);

    -- IDX_qrtz_EH_INST
    CREATE INDEX IF NOT EXISTS idx_qrtz_eh_inst ON schedule.qrtz_execution_history (sched_name, instance_name);

    -- IDX_qrtz_MH_MISFIRE_TIME
    CREATE INDEX IF NOT EXISTS idx_qrtz_mh_misfire_time ON schedule.qrtz_misfire_history (sched_name, misfire_time);

    -- IDX_qrtz_MH_INST
    CREATE INDEX IF NOT EXISTS idx_qrtz_mh_inst ON schedule.qrtz_misfire_history (sched_name, instance_name);

    -- IDX_qrtz_EH_JOB_TIME
    CREATE INDEX IF NOT EXISTS idx_qrtz_eh_job_time ON schedule.qrtz_execution_history (sched_name, job_group, job_name, fired_time);

    -- IDX_qrtz_EH_FIRE_INST
    CREATE INDEX IF NOT EXISTS idx_qrtz_eh_fire_inst ON schedule.qrtz_execution_history (sched_name, fire_instance_id);

    -- IDX_qrtz_EH_TRIG_TIME
    CREATE INDEX IF NOT EXISTS idx_qrtz_eh_trig_time ON schedule.qrtz_execution_history (sched_name, trigger_group, trigger_name, fired_time);

    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121050000_Schedules') THEN
    revoke all on schema schedule from public;
    grant usage on schema schedule to governance_app;
    grant select, insert, update, delete on all tables in schema schedule to governance_app;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261121050000_Schedules') THEN
    INSERT INTO governance.migrations ("MigrationId", "ProductVersion")
    VALUES ('20261121050000_Schedules', '10.0.14');
    END IF;
END $EF$;
COMMIT;

START TRANSACTION;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261130220000_RequestIds') THEN
        IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'request') THEN
            CREATE SCHEMA request;
        END IF;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261130220000_RequestIds') THEN
    create table request.nodes (
        name varchar(40) collate "C" constraint pk_nodes primary key,
        log varchar(400) collate "C" not null,
        address varchar(400),
        proof bytea not null constraint ck_nodes_proof check (octet_length(proof) = 32)
    );
    create table request.ids (
        request bytea constraint pk_ids primary key constraint ck_ids_request check (octet_length(request) = 16),
        node varchar(40) collate "C" not null,
        ticket uuid not null,
        expires timestamptz not null
    );
    create index ix_ids_expires on request.ids (expires);
    revoke all on schema request from public;
    grant usage on schema request to governance_app;
    grant select, insert, update on request.nodes to governance_app;
    grant select, insert, update, delete on request.ids to governance_app;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM governance.migrations WHERE "MigrationId" = '20261130220000_RequestIds') THEN
    INSERT INTO governance.migrations ("MigrationId", "ProductVersion")
    VALUES ('20261130220000_RequestIds', '10.0.14');
    END IF;
END $EF$;
COMMIT;

