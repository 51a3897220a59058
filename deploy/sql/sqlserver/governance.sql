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

