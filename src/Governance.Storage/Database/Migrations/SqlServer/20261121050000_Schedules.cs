using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Governance.Storage.Database.Migrations.SqlServer
{
    /// <summary>The tables in which the gateways keep who runs which schedule when. No part of the log: they are changed all the time.</summary>
    [DbContext(typeof(SqlServerDatabase))]
    [Migration("20261121050000_Schedules")]
    public sealed class Schedules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(name: "schedule");
            migrationBuilder.Sql(ScheduleTables.Script(DatabaseKind.SqlServer));
            migrationBuilder.Sql("grant select, insert, update, delete on schema::schedule to governance_app;");
        }

        /// <summary>The tables stay: a version that does not know them does not mind them.</summary>
        protected override void Down(MigrationBuilder migrationBuilder)
        {
        }
    }
}
