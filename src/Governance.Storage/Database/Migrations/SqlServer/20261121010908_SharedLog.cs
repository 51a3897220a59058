using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Governance.Storage.Database.Migrations.SqlServer
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
                    stream = table.Column<string>(type: "varchar(400)", unicode: false, maxLength: 400, nullable: false, collation: "Latin1_General_100_BIN2_UTF8"),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    request = table.Column<byte[]>(type: "binary(32)", fixedLength: true, maxLength: 32, nullable: true),
                    entry = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    root = table.Column<byte[]>(type: "binary(32)", fixedLength: true, maxLength: 32, nullable: false)
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
                    key = table.Column<string>(type: "varchar(400)", unicode: false, maxLength: 400, nullable: false, collation: "Latin1_General_100_BIN2_UTF8")
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

            // Written by hand from here on. LedgerTableSqlGenerator makes both tables append-only ledger tables; a migration takes no lock on
            // appends, so the order is the constraints' and the gateway's affair. The role is made here: a role of a database needs no server login.
            migrationBuilder.Sql("""
                if database_principal_id('governance_app') is null exec('create role governance_app');
                grant select, insert on governance.events to governance_app;
                grant select, insert on governance.log_keys to governance_app;
                grant select on governance.migrations to governance_app;
                """);
        }

        /// <summary>The log is not undone: whoever owns the database drops the schema, and every node's copy shows it.</summary>
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new System.NotSupportedException("An append-only log has no way back.");
    }
}
