using Governance.Core.Decisions;
using Governance.Storage.Database;
using Governance.Storage.Tests.Contract;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using static Governance.Storage.Tests.Contract.Facts;

namespace Governance.Storage.Tests;

/// <summary>
/// The contract on SQL Server 2022 or newer: give <c>GOVERNANCE_TEST_SQLSERVER</c> a connection string of a login that may create databases
/// and logins. Each test makes a database and drops it.
/// </summary>
public sealed class SqlServerEventStoreTests : DatabaseContract
{
    private const string Variable = "GOVERNANCE_TEST_SQLSERVER";
    private const string Password = "Only-for-tests-7!";
    private readonly string name = "governance_test_" + Guid.NewGuid().ToString("n");
    private readonly string login = "governance_login_" + Guid.NewGuid().ToString("n");
    private DatabaseLocation? location;

    private protected override DatabaseLocation Location => location ??= Create();

    private static string? Server => Environment.GetEnvironmentVariable(Variable);

    public override void Dispose()
    {
        if (location is not null)
        {
            SqlConnection.ClearAllPools();
            Execute("master", $"alter database {name} set single_user with rollback immediate; drop database {name}; drop login {login}");
        }

        base.Dispose();
    }

    [Theory]
    [InlineData("update governance.events set stream = 'x'")]
    [InlineData("delete from governance.events")]
    [InlineData("truncate table governance.events")]
    public async Task The_ledger_table_refuses_change_by_anybody(string sql)
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));
        Assert.Throws<SqlException>(() => Execute(name, sql));
        Assert.IsType<AppendOutcome.Appended>(await node.AppendAsync(1, Event("a", 2)));
    }

    [Fact]
    public async Task Applying_the_migration_again_changes_nothing()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));
        Migrate();
        Assert.Single(await node.ReadAsync());
    }

    private DatabaseLocation Create()
    {
        Assert.SkipUnless(Server is { Length: > 0 }, $"{Variable} is not set: no SQL Server to test on");
        Execute("master", $"create database {name}; create login {login} with password = '{Password}'");
        var created = new DatabaseLocation(DatabaseKind.SqlServer, new SqlConnectionStringBuilder(Server)
        {
            InitialCatalog = name, UserID = login, Password = Password, IntegratedSecurity = false,
        }.ConnectionString);
        Migrate();
        Execute(name, $"create user {login} for login {login}; alter role governance_app add member {login}");
        return created;
    }

    /// <summary>Runs the script batch by batch, as sqlcmd does.</summary>
    private void Migrate()
    {
        foreach (var batch in DatabaseScript.Idempotent(DatabaseKind.SqlServer).Split("\nGO\n"))
        {
            Execute(name, batch.Replace("\nGO", "", StringComparison.Ordinal));
        }
    }

    private static void Execute(string database, string sql)
    {
        using var connection = new SqlConnection(new SqlConnectionStringBuilder(Server) { InitialCatalog = database }.ConnectionString);
        connection.Open();
        using var command = new SqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
