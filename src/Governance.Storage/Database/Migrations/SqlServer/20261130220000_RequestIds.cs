using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Governance.Storage.Database.Migrations.SqlServer
{
    /// <summary>The tables in which the gateways keep which of them has which request id. No part of the log: rows go after an hour.</summary>
    [DbContext(typeof(SqlServerDatabase))]
    [Migration("20261130220000_RequestIds")]
    public sealed class RequestIds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(name: "request");
            migrationBuilder.Sql("""
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
                """);
        }

        /// <summary>The tables stay: a version that does not know them does not mind them.</summary>
        protected override void Down(MigrationBuilder migrationBuilder)
        {
        }
    }
}
