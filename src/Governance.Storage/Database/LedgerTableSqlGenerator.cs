using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Update;

namespace Governance.Storage.Database;

/// <summary>Makes every table of the governance schema an append-only ledger table (SQL Server 2022). EF Core has no word for it yet.</summary>
internal sealed class LedgerTableSqlGenerator(MigrationsSqlGeneratorDependencies dependencies, ICommandBatchPreparer batches)
    : SqlServerMigrationsSqlGenerator(dependencies, batches)
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        base.Generate(operation, model, builder, terminate: false);
        if (operation is { Schema: GovernanceDatabase.Schema, Name: not GovernanceDatabase.MigrationsTable })
        {
            builder.Append(" WITH (LEDGER = ON (APPEND_ONLY = ON))");
        }

        if (terminate)
        {
            builder.AppendLine(";");
            EndStatement(builder);
        }
    }
}
