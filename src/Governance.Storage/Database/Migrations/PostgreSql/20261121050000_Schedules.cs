using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Governance.Storage.Database.Migrations.PostgreSql
{
    /// <summary>The tables in which the gateways keep who runs which schedule when. No part of the log: they are changed all the time.</summary>
    [DbContext(typeof(PostgreSqlDatabase))]
    [Migration("20261121050000_Schedules")]
    public sealed class Schedules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(name: "schedule");
            migrationBuilder.Sql(ScheduleTables.Script(DatabaseKind.PostgreSql));
            migrationBuilder.Sql("""
                revoke all on schema schedule from public;
                grant usage on schema schedule to governance_app;
                grant select, insert, update, delete on all tables in schema schedule to governance_app;
                """);
        }

        /// <summary>Nothing is lost with the tables: the gateways write them anew.</summary>
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop schema schedule cascade;");
    }
}
