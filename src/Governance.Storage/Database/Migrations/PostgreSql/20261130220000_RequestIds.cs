using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Governance.Storage.Database.Migrations.PostgreSql
{
    /// <summary>The tables in which the gateways keep which of them has which request id. No part of the log: rows go after an hour.</summary>
    [DbContext(typeof(PostgreSqlDatabase))]
    [Migration("20261130220000_RequestIds")]
    public sealed class RequestIds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(name: "request");
            migrationBuilder.Sql("""
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
                """);
        }

        /// <summary>With the tables goes who has which request of the last hour.</summary>
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop schema request cascade;");
    }
}
