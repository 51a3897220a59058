using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Governance.Storage.Database.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class SharedLog : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "governance");

            migrationBuilder.CreateTable(
                name: "events",
                schema: "governance",
                columns: table => new
                {
                    position = table.Column<long>(type: "bigint", nullable: false),
                    stream = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false, collation: "C"),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    request = table.Column<byte[]>(type: "bytea", fixedLength: true, maxLength: 32, nullable: true),
                    entry = table.Column<byte[]>(type: "bytea", nullable: false),
                    root = table.Column<byte[]>(type: "bytea", fixedLength: true, maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_events", x => x.position);
                });

            migrationBuilder.CreateTable(
                name: "log_keys",
                schema: "governance",
                columns: table => new
                {
                    key = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_log_keys", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "ux_events_request",
                schema: "governance",
                table: "events",
                column: "request",
                unique: true,
                filter: "request is not null");

            migrationBuilder.CreateIndex(
                name: "ux_events_stream_version",
                schema: "governance",
                table: "events",
                columns: new[] { "stream", "version" },
                unique: true);

            // Written by hand from here on: what keeps the tables append-only, and who may use them.
            migrationBuilder.Sql("""
                alter table governance.events
                    add constraint ck_events_position check (position >= 0),
                    add constraint ck_events_entry check (octet_length(entry) between 1 and 65535),
                    add constraint ck_events_root check (octet_length(root) = 32),
                    add constraint ck_events_request check (octet_length(request) = 32);
                """);
            migrationBuilder.Sql("""
                create or replace function governance.refuse_change() returns trigger language plpgsql as $refuse$
                begin
                    raise exception 'governance.% is append-only', tg_table_name using errcode = 'restrict_violation';
                end
                $refuse$;
                """);
            migrationBuilder.Sql("""
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
                """);
            migrationBuilder.Sql("""
                create or replace function governance.tell_of_events() returns trigger language plpgsql as $tell$
                begin
                    perform pg_notify('governance_events', '');
                    return null;
                end
                $tell$;
                """);
            migrationBuilder.Sql("""
                create trigger append_in_order before insert on governance.events for each row execute function governance.append_in_order();
                create trigger tell_of_events after insert on governance.events for each statement execute function governance.tell_of_events();
                create trigger refuse_change before update or delete on governance.events for each row execute function governance.refuse_change();
                create trigger refuse_truncate before truncate on governance.events for each statement execute function governance.refuse_change();
                create trigger refuse_change before update or delete on governance.log_keys for each row execute function governance.refuse_change();
                create trigger refuse_truncate before truncate on governance.log_keys for each statement execute function governance.refuse_change();
                """);

            // The application role is made beforehand (roles.sql); without it this fails, and nothing of the migration stays.
            migrationBuilder.Sql("""
                revoke all on schema governance from public;
                grant usage on schema governance to governance_app;
                grant select, insert on governance.events, governance.log_keys to governance_app;
                grant select on governance.migrations to governance_app;
                """);
        }

        /// <summary>The log is not undone: whoever owns the database drops the schema, and every node's copy shows it.</summary>
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new System.NotSupportedException("An append-only log has no way back.");
    }
}
