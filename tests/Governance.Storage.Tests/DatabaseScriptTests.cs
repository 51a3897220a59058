using Governance.Storage.Database;
using Governance.Testing;

namespace Governance.Storage.Tests;

public sealed class DatabaseScriptTests
{
    /// <summary>Operators run the files; they must be what the migrations say. <c>deploy/scripts/migration-scripts</c> writes them anew.</summary>
    [Theory]
    [InlineData(DatabaseKind.PostgreSql, "postgresql")]
    [InlineData(DatabaseKind.SqlServer, "sqlserver")]
    public void The_shipped_script_is_what_the_migrations_say(DatabaseKind kind, string folder)
    {
        var shipped = File.ReadAllText(Path.Combine(SharedMaterial.RepositoryRoot, "deploy", "sql", folder, "governance.sql"));
        Assert.Equal(DatabaseScript.Idempotent(kind).Trim(), shipped.Trim());
    }

    [Fact]
    public void On_sql_server_both_tables_are_append_only_ledger_tables()
    {
        var script = DatabaseScript.Idempotent(DatabaseKind.SqlServer);
        Assert.Equal(2, script.Split("WITH (LEDGER = ON (APPEND_ONLY = ON))").Length - 1);
    }
}
