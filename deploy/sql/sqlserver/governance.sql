IF OBJECT_ID(N'[governance].[migrations]') IS NULL
BEGIN
    IF SCHEMA_ID(N'governance') IS NULL EXEC(N'CREATE SCHEMA [governance];');
    CREATE TABLE [governance].[migrations] (
        [MigrationId] nvarchar(150) NOT NULL,
        [ProductVersion] nvarchar(32) NOT NULL,
        CONSTRAINT [PK_migrations] PRIMARY KEY ([MigrationId])
    );
END;
GO

BEGIN TRANSACTION;
IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    IF SCHEMA_ID(N'governance') IS NULL EXEC(N'CREATE SCHEMA [governance];');
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    CREATE TABLE [governance].[events] (
        [position] bigint NOT NULL,
        [stream] varchar(400) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
        [version] bigint NOT NULL,
        [request] binary(32) NULL,
        [entry] varbinary(max) NOT NULL,
        [root] binary(32) NOT NULL,
        CONSTRAINT [pk_events] PRIMARY KEY ([position])
    ) WITH (LEDGER = ON (APPEND_ONLY = ON));
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    CREATE TABLE [governance].[log_keys] (
        [key] varchar(400) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
        CONSTRAINT [pk_log_keys] PRIMARY KEY ([key])
    ) WITH (LEDGER = ON (APPEND_ONLY = ON));
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    EXEC(N'CREATE UNIQUE INDEX [ux_events_request] ON [governance].[events] ([request]) WHERE request is not null');
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    CREATE UNIQUE INDEX [ux_events_stream_version] ON [governance].[events] ([stream], [version]);
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    if database_principal_id('governance_app') is null exec('create role governance_app');
    grant select, insert on governance.events to governance_app;
    grant select, insert on governance.log_keys to governance_app;
    grant select on governance.migrations to governance_app;
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121010908_SharedLog'
)
BEGIN
    INSERT INTO [governance].[migrations] ([MigrationId], [ProductVersion])
    VALUES (N'20261121010908_SharedLog', N'10.0.14');
END;

COMMIT;
GO

BEGIN TRANSACTION;
IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121050000_Schedules'
)
BEGIN
    IF SCHEMA_ID(N'schedule') IS NULL EXEC(N'CREATE SCHEMA [schedule];');
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121050000_Schedules'
)
BEGIN
    -- The tables of Quartz.NET 4.7.3 (Apache License 2.0), as its package holds them, under the prefix schedule.qrtz_. A test compares them.

    -- schedule.qrtz_JOB_DETAILS
    IF OBJECT_ID(N'schedule.qrtz_JOB_DETAILS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_JOB_DETAILS (
        SCHED_NAME nvarchar(120) NOT NULL,
        JOB_NAME nvarchar(150) NOT NULL,
        JOB_GROUP nvarchar(150) NOT NULL,
        DESCRIPTION nvarchar(250) NULL,
        JOB_CLASS_NAME nvarchar(250) NOT NULL,
        IS_DURABLE bit NOT NULL,
        IS_NONCONCURRENT bit NOT NULL,
        IS_UPDATE_DATA bit NOT NULL,
        REQUESTS_RECOVERY bit NOT NULL,
        JOB_DATA varbinary(max) NULL,
        CONSTRAINT PK_qrtz_JOB_DETAILS PRIMARY KEY (SCHED_NAME,JOB_NAME,JOB_GROUP)
      );
    END

    -- schedule.qrtz_TRIGGERS
    IF OBJECT_ID(N'schedule.qrtz_TRIGGERS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_TRIGGERS (
        SCHED_NAME nvarchar(120) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        JOB_NAME nvarchar(150) NOT NULL,
        JOB_GROUP nvarchar(150) NOT NULL,
        DESCRIPTION nvarchar(250) NULL,
        NEXT_FIRE_TIME bigint NULL,
        PREV_FIRE_TIME bigint NULL,
        PRIORITY int NULL,
        TRIGGER_STATE nvarchar(16) NOT NULL,
        TRIGGER_TYPE nvarchar(8) NOT NULL,
        START_TIME bigint NOT NULL,
        END_TIME bigint NULL,
        CALENDAR_NAME nvarchar(200) NULL,
        MISFIRE_INSTR int NULL,
        MISFIRE_ORIG_FIRE_TIME bigint NULL,
        EXECUTION_GROUP nvarchar(200) NULL,
        PREFERRED_NODE nvarchar(200) NULL,
        PREFERRED_NODE_AUTO bit NOT NULL DEFAULT 0,
        RETRY_POLICY nvarchar(250) NULL,
        RETRY_ATTEMPT int NULL,
        CONTINUES_TRIGGER_NAME nvarchar(150) NULL,
        CONTINUES_TRIGGER_GROUP nvarchar(150) NULL,
        CONTINUATION_CONDITION int NULL,
        OVERLAP_POLICY int NULL,
        PAUSE_REASON nvarchar(250) NULL,
        PAUSED_BY nvarchar(200) NULL,
        PAUSED_AT bigint NULL,
        MISFIRE_THRESHOLD bigint NULL,
        FIXED_DELAY bit NULL,
        JOB_DATA varbinary(max) NULL,
        CONSTRAINT PK_qrtz_TRIGGERS PRIMARY KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP),
        CONSTRAINT FK_qrtz_TRIGGERS_qrtz_JOB_DETAILS FOREIGN KEY (SCHED_NAME,JOB_NAME,JOB_GROUP) REFERENCES schedule.qrtz_JOB_DETAILS (SCHED_NAME,JOB_NAME,JOB_GROUP)
      );
    END

    -- schedule.qrtz_SIMPLE_TRIGGERS
    IF OBJECT_ID(N'schedule.qrtz_SIMPLE_TRIGGERS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_SIMPLE_TRIGGERS (
        SCHED_NAME nvarchar(120) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        REPEAT_COUNT int NOT NULL,
        REPEAT_INTERVAL bigint NOT NULL,
        TIMES_TRIGGERED int NOT NULL,
        CONSTRAINT PK_qrtz_SIMPLE_TRIGGERS PRIMARY KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP),
        CONSTRAINT FK_qrtz_SIMPLE_TRIGGERS_qrtz_TRIGGERS FOREIGN KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP) REFERENCES schedule.qrtz_TRIGGERS (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP) ON DELETE CASCADE
      );
    END

    -- schedule.qrtz_CRON_TRIGGERS
    IF OBJECT_ID(N'schedule.qrtz_CRON_TRIGGERS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_CRON_TRIGGERS (
        SCHED_NAME nvarchar(120) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        CRON_EXPRESSION nvarchar(120) NOT NULL,
        TIME_ZONE_ID nvarchar(80),
        CONSTRAINT PK_qrtz_CRON_TRIGGERS PRIMARY KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP),
        CONSTRAINT FK_qrtz_CRON_TRIGGERS_qrtz_TRIGGERS FOREIGN KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP) REFERENCES schedule.qrtz_TRIGGERS (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP) ON DELETE CASCADE
      );
    END

    -- schedule.qrtz_SIMPROP_TRIGGERS
    IF OBJECT_ID(N'schedule.qrtz_SIMPROP_TRIGGERS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_SIMPROP_TRIGGERS (
        SCHED_NAME nvarchar(120) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        STR_PROP_1 nvarchar(512) NULL,
        STR_PROP_2 nvarchar(512) NULL,
        STR_PROP_3 nvarchar(512) NULL,
        INT_PROP_1 int NULL,
        INT_PROP_2 int NULL,
        LONG_PROP_1 bigint NULL,
        LONG_PROP_2 bigint NULL,
        DEC_PROP_1 numeric(13,4) NULL,
        DEC_PROP_2 numeric(13,4) NULL,
        BOOL_PROP_1 bit NULL,
        BOOL_PROP_2 bit NULL,
        TIME_ZONE_ID nvarchar(80) NULL,
        CONSTRAINT PK_qrtz_SIMPROP_TRIGGERS PRIMARY KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP),
        CONSTRAINT FK_qrtz_SIMPROP_TRIGGERS_qrtz_TRIGGERS FOREIGN KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP) REFERENCES schedule.qrtz_TRIGGERS (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP) ON DELETE CASCADE
      );
    END

    -- schedule.qrtz_BLOB_TRIGGERS
    IF OBJECT_ID(N'schedule.qrtz_BLOB_TRIGGERS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_BLOB_TRIGGERS (
        SCHED_NAME nvarchar(120) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        BLOB_DATA varbinary(max) NULL,
        CONSTRAINT PK_qrtz_BLOB_TRIGGERS PRIMARY KEY (SCHED_NAME,TRIGGER_NAME,TRIGGER_GROUP)
      );
    END

    -- schedule.qrtz_CALENDARS
    IF OBJECT_ID(N'schedule.qrtz_CALENDARS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_CALENDARS (
        SCHED_NAME nvarchar(120) NOT NULL,
        CALENDAR_NAME nvarchar(200) NOT NULL,
        CALENDAR varbinary(max) NOT NULL,
        CONSTRAINT PK_qrtz_CALENDARS PRIMARY KEY (SCHED_NAME,CALENDAR_NAME)
      );
    END

    -- schedule.qrtz_PAUSED_TRIGGER_GRPS
    IF OBJECT_ID(N'schedule.qrtz_PAUSED_TRIGGER_GRPS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_PAUSED_TRIGGER_GRPS (
        SCHED_NAME nvarchar(120) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        PAUSE_REASON nvarchar(250) NULL,
        PAUSED_BY nvarchar(200) NULL,
        PAUSED_AT bigint NULL,
        CONSTRAINT PK_qrtz_PAUSED_TRIGGER_GRPS PRIMARY KEY (SCHED_NAME,TRIGGER_GROUP)
      );
    END

    -- schedule.qrtz_PAUSED_JOB_GRPS
    IF OBJECT_ID(N'schedule.qrtz_PAUSED_JOB_GRPS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_PAUSED_JOB_GRPS (
        SCHED_NAME nvarchar(120) NOT NULL,
        JOB_GROUP nvarchar(150) NOT NULL,
        PAUSE_REASON nvarchar(250) NULL,
        PAUSED_BY nvarchar(200) NULL,
        PAUSED_AT bigint NULL,
        CONSTRAINT PK_qrtz_PAUSED_JOB_GRPS PRIMARY KEY (SCHED_NAME,JOB_GROUP)
      );
    END

    -- schedule.qrtz_FIRED_TRIGGERS
    IF OBJECT_ID(N'schedule.qrtz_FIRED_TRIGGERS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_FIRED_TRIGGERS (
        SCHED_NAME nvarchar(120) NOT NULL,
        ENTRY_ID nvarchar(140) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        INSTANCE_NAME nvarchar(200) NOT NULL,
        FIRED_TIME bigint NOT NULL,
        SCHED_TIME bigint NOT NULL,
        PRIORITY int NOT NULL,
        STATE nvarchar(16) NOT NULL,
        JOB_NAME nvarchar(150) NULL,
        JOB_GROUP nvarchar(150) NULL,
        IS_NONCONCURRENT bit NULL,
        REQUESTS_RECOVERY bit NULL,
        EXECUTION_GROUP nvarchar(200) NULL,
        PROGRESS int NULL,
        PROGRESS_MESSAGE nvarchar(250) NULL,
        INTERRUPT_REQUESTED_TIME bigint NULL,
        CONSTRAINT PK_qrtz_FIRED_TRIGGERS PRIMARY KEY (SCHED_NAME,ENTRY_ID)
      );
    END

    -- schedule.qrtz_SCHEDULER_STATE
    IF OBJECT_ID(N'schedule.qrtz_SCHEDULER_STATE', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_SCHEDULER_STATE (
        SCHED_NAME nvarchar(120) NOT NULL,
        INSTANCE_NAME nvarchar(200) NOT NULL,
        LAST_CHECKIN_TIME bigint NOT NULL,
        CHECKIN_INTERVAL bigint NOT NULL,
        QUARTZ_VERSION nvarchar(20) NULL,
        CONSTRAINT PK_qrtz_SCHEDULER_STATE PRIMARY KEY (SCHED_NAME,INSTANCE_NAME)
      );
    END

    -- schedule.qrtz_LOCKS
    IF OBJECT_ID(N'schedule.qrtz_LOCKS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_LOCKS (
        SCHED_NAME nvarchar(120) NOT NULL,
        LOCK_NAME nvarchar(40) NOT NULL,
        CONSTRAINT PK_qrtz_LOCKS PRIMARY KEY (SCHED_NAME,LOCK_NAME)
      );
    END

    -- schedule.qrtz_EXECUTION_HISTORY
    IF OBJECT_ID(N'schedule.qrtz_EXECUTION_HISTORY', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_EXECUTION_HISTORY (
        SCHED_NAME nvarchar(120) NOT NULL,
        ENTRY_ID nvarchar(140) NOT NULL,
        INSTANCE_NAME nvarchar(200) NOT NULL,
        JOB_NAME nvarchar(150) NOT NULL,
        JOB_GROUP nvarchar(150) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        FIRED_TIME bigint NOT NULL,
        RUN_TIME bigint NOT NULL,
        SUCCEEDED bit NOT NULL,
        ERROR_MESSAGE nvarchar(1000) NULL,
        RETRY_ATTEMPT int NOT NULL DEFAULT 0,
        RETRY_SCHEDULED bit NOT NULL DEFAULT 0,
        EXECUTION_LOG nvarchar(max) NULL,
        RESULT int NULL,
        SUMMARY nvarchar(1000) NULL,
        METRICS nvarchar(max) NULL,
        MANUAL bit NULL,
        FIRE_INSTANCE_ID nvarchar(140) NULL,
        JOB_INPUT nvarchar(max) NULL,
        JOB_INPUT_TOO_LARGE bit NULL,
        CONSTRAINT PK_qrtz_EXECUTION_HISTORY PRIMARY KEY (SCHED_NAME,ENTRY_ID)
      );
    END

    -- schedule.qrtz_MISFIRE_HISTORY
    IF OBJECT_ID(N'schedule.qrtz_MISFIRE_HISTORY', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_MISFIRE_HISTORY (
        SCHED_NAME nvarchar(120) NOT NULL,
        ENTRY_ID nvarchar(140) NOT NULL,
        INSTANCE_NAME nvarchar(200) NOT NULL,
        TRIGGER_NAME nvarchar(150) NOT NULL,
        TRIGGER_GROUP nvarchar(150) NOT NULL,
        JOB_NAME nvarchar(150) NULL,
        JOB_GROUP nvarchar(150) NULL,
        MISFIRE_TIME bigint NOT NULL,
        SCHED_TIME bigint NULL,
        REASON int NULL,
        CONSTRAINT PK_qrtz_MISFIRE_HISTORY PRIMARY KEY (SCHED_NAME,ENTRY_ID)
      );
    END

    -- schedule.qrtz_JOB_STATUS
    IF OBJECT_ID(N'schedule.qrtz_JOB_STATUS', N'U') IS NULL
    BEGIN
      CREATE TABLE schedule.qrtz_JOB_STATUS (
        SCHED_NAME nvarchar(120) NOT NULL,
        JOB_GROUP nvarchar(150) NOT NULL,
        JOB_NAME nvarchar(150) NOT NULL,
        FIRST_FIRED_TIME bigint NOT NULL,
        LAST_FIRED_TIME bigint NOT NULL,
        LAST_RESULT int NOT NULL,
        LAST_RUN_TIME bigint NOT NULL,
        LAST_INSTANCE_NAME nvarchar(200) NOT NULL,
        LAST_ENTRY_ID nvarchar(140) NULL,
        LAST_SUMMARY nvarchar(1000) NULL,
        LAST_SUCCESS_TIME bigint NULL,
        LAST_FAILURE_TIME bigint NULL,
        LAST_FAILURE_MESSAGE nvarchar(1000) NULL,
        CONSECUTIVE_FAILURES int NOT NULL DEFAULT 0,
        RUN_COUNT bigint NOT NULL DEFAULT 0,
        FAILURE_COUNT bigint NOT NULL DEFAULT 0,
        CONSTRAINT PK_qrtz_JOB_STATUS PRIMARY KEY (SCHED_NAME,JOB_GROUP,JOB_NAME)
      );
    END

    -- IDX_qrtz_J_G_N
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_J_G_N' AND object_id = OBJECT_ID('schedule.qrtz_JOB_DETAILS'))
    BEGIN
      CREATE INDEX IDX_qrtz_J_G_N ON schedule.qrtz_JOB_DETAILS(SCHED_NAME, JOB_GROUP, JOB_NAME);
    END

    -- IDX_qrtz_T_J
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_T_J' AND object_id = OBJECT_ID('schedule.qrtz_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_T_J ON schedule.qrtz_TRIGGERS(SCHED_NAME, JOB_NAME, JOB_GROUP);
    END

    -- IDX_qrtz_T_G_N
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_T_G_N' AND object_id = OBJECT_ID('schedule.qrtz_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_T_G_N ON schedule.qrtz_TRIGGERS(SCHED_NAME, TRIGGER_GROUP, TRIGGER_NAME);
    END

    -- IDX_qrtz_T_C
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_T_C' AND object_id = OBJECT_ID('schedule.qrtz_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_T_C ON schedule.qrtz_TRIGGERS(SCHED_NAME, CALENDAR_NAME);
    END

    -- IDX_qrtz_T_NFT_ST
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_T_NFT_ST' AND object_id = OBJECT_ID('schedule.qrtz_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_T_NFT_ST ON schedule.qrtz_TRIGGERS(SCHED_NAME, TRIGGER_STATE, NEXT_FIRE_TIME ASC, PRIORITY DESC, MISFIRE_INSTR);
    END

    -- IDX_qrtz_FT_INST_JOB_REQ_RCVRY
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_FT_INST_JOB_REQ_RCVRY' AND object_id = OBJECT_ID('schedule.qrtz_FIRED_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_FT_INST_JOB_REQ_RCVRY ON schedule.qrtz_FIRED_TRIGGERS(SCHED_NAME, INSTANCE_NAME, REQUESTS_RECOVERY);
    END

    -- IDX_qrtz_FT_J_G
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_FT_J_G' AND object_id = OBJECT_ID('schedule.qrtz_FIRED_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_FT_J_G ON schedule.qrtz_FIRED_TRIGGERS(SCHED_NAME, JOB_NAME, JOB_GROUP);
    END

    -- IDX_qrtz_FT_T_G
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_FT_T_G' AND object_id = OBJECT_ID('schedule.qrtz_FIRED_TRIGGERS'))
    BEGIN
      CREATE INDEX IDX_qrtz_FT_T_G ON schedule.qrtz_FIRED_TRIGGERS(SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP);
    END

    -- IDX_qrtz_EH_FIRED_TIME
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_EH_FIRED_TIME' AND object_id = OBJECT_ID('schedule.qrtz_EXECUTION_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_EH_FIRED_TIME ON schedule.qrtz_EXECUTION_HISTORY(SCHED_NAME, FIRED_TIME);
    END

    -- IDX_qrtz_EH_INST
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_EH_INST' AND object_id = OBJECT_ID('schedule.qrtz_EXECUTION_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_EH_INST ON schedule.qrtz_EXECUTION_HISTORY(SCHED_NAME, INSTANCE_NAME);
    END

    -- IDX_qrtz_MH_MISFIRE_TIME
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_MH_MISFIRE_TIME' AND object_id = OBJECT_ID('schedule.qrtz_MISFIRE_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_MH_MISFIRE_TIME ON schedule.qrtz_MISFIRE_HISTORY(SCHED_NAME, MISFIRE_TIME);
    END

    -- IDX_qrtz_MH_INST
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_MH_INST' AND object_id = OBJECT_ID('schedule.qrtz_MISFIRE_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_MH_INST ON schedule.qrtz_MISFIRE_HISTORY(SCHED_NAME, INSTANCE_NAME);
    END

    -- IDX_qrtz_EH_JOB_TIME
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_EH_JOB_TIME' AND object_id = OBJECT_ID('schedule.qrtz_EXECUTION_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_EH_JOB_TIME ON schedule.qrtz_EXECUTION_HISTORY(SCHED_NAME, JOB_GROUP, JOB_NAME, FIRED_TIME);
    END

    -- IDX_qrtz_EH_FIRE_INST
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_EH_FIRE_INST' AND object_id = OBJECT_ID('schedule.qrtz_EXECUTION_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_EH_FIRE_INST ON schedule.qrtz_EXECUTION_HISTORY(SCHED_NAME, FIRE_INSTANCE_ID);
    END

    -- IDX_qrtz_EH_TRIG_TIME
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE name = 'IDX_qrtz_EH_TRIG_TIME' AND object_id = OBJECT_ID('schedule.qrtz_EXECUTION_HISTORY'))
    BEGIN
      CREATE INDEX IDX_qrtz_EH_TRIG_TIME ON schedule.qrtz_EXECUTION_HISTORY(SCHED_NAME, TRIGGER_GROUP, TRIGGER_NAME, FIRED_TIME);
    END

END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121050000_Schedules'
)
BEGIN
    grant select, insert, update, delete on schema::schedule to governance_app;
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261121050000_Schedules'
)
BEGIN
    INSERT INTO [governance].[migrations] ([MigrationId], [ProductVersion])
    VALUES (N'20261121050000_Schedules', N'10.0.14');
END;

COMMIT;
GO

BEGIN TRANSACTION;
IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261130220000_RequestIds'
)
BEGIN
    IF SCHEMA_ID(N'request') IS NULL EXEC(N'CREATE SCHEMA [request];');
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261130220000_RequestIds'
)
BEGIN
    create table request.nodes (
        name varchar(40) collate Latin1_General_100_BIN2_UTF8 not null constraint pk_nodes primary key,
        log varchar(400) collate Latin1_General_100_BIN2_UTF8 not null,
        address nvarchar(400) null,
        proof binary(32) not null
    );
    create table request.ids (
        request binary(16) not null constraint pk_ids primary key,
        node varchar(40) collate Latin1_General_100_BIN2_UTF8 not null,
        ticket uniqueidentifier not null,
        expires datetime2(3) not null
    );
    create index ix_ids_expires on request.ids (expires);
    grant select, insert, update on request.nodes to governance_app;
    grant select, insert, update, delete on request.ids to governance_app;
END;

IF NOT EXISTS (
    SELECT * FROM [governance].[migrations]
    WHERE [MigrationId] = N'20261130220000_RequestIds'
)
BEGIN
    INSERT INTO [governance].[migrations] ([MigrationId], [ProductVersion])
    VALUES (N'20261130220000_RequestIds', N'10.0.14');
END;

COMMIT;
GO

