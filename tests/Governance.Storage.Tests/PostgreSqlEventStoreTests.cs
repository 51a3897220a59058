using Governance.Core.Decisions;
using Governance.Ledger;
using Governance.Storage.Database;
using Governance.Storage.Tests.Contract;
using Governance.Testing;
using static Governance.Storage.Tests.Contract.Facts;

namespace Governance.Storage.Tests;

/// <summary>The contract on a real PostgreSQL that the tests start, and what only its guards can refuse.</summary>
public sealed class PostgreSqlEventStoreTests(PostgreSqlFixture postgres) : DatabaseContract, IClassFixture<PostgreSqlFixture>
{
    private string? database;

    private protected override DatabaseLocation Location => postgres.Location(Database);

    private string Database => database ??= postgres.NewDatabase();

    public static TheoryData<string, string> Changes() => new()
    {
        { "update governance.events set entry = entry", "append-only" },
        { "delete from governance.events", "append-only" },
        { "truncate governance.events", "append-only" },
        { "update governance.log_keys set key = 'x'", "append-only" },
        { "delete from governance.log_keys", "append-only" },
        { "truncate governance.log_keys", "append-only" },
        { "insert into governance.events values (5, 's', 1, null, 'x', sha256('x'))", "not the next one" },
        { "insert into governance.events values (1, 's', 7, null, 'x', sha256('x'))", "not the next one" },
        { "insert into governance.events values (0, 's', 1, null, 'x', sha256('x'))", "not the next one" },
        { "insert into governance.events values (1, 's', 1, null, '', sha256('x'))", "ck_events_entry" },
        { "insert into governance.events values (1, 's', 1, null, 'x', 'short')", "ck_events_root" },
    };

    /// <summary>The application has no privilege, and even the owner, who has every privilege, meets the triggers and constraints.</summary>
    [Theory]
    [MemberData(nameof(Changes), DisableDiscoveryEnumeration = true)]
    public async Task The_database_refuses_every_change_but_the_next_row(string sql, string refusal)
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));

        Assert.Contains(refusal, Fails("governance_owner", sql), StringComparison.Ordinal);
        var refused = Fails("governance_app", sql);
        Assert.Contains(sql.StartsWith("insert", StringComparison.Ordinal) ? refusal : "permission denied", refused, StringComparison.Ordinal);
        Assert.Single(await node.ReadAsync());
    }

    [Fact]
    public void The_application_role_cannot_lift_the_guards()
    {
        Assert.Contains("must be owner", Fails("governance_app", "alter table governance.events disable trigger all"), StringComparison.Ordinal);
        Assert.Contains("must be owner", Fails("governance_app", "drop table governance.events"), StringComparison.Ordinal);
        Assert.Contains("permission denied", Fails("governance_app", "create table governance.mine ()"), StringComparison.Ordinal);
        Assert.Contains("permission denied", Fails("governance_app", "insert into governance.migrations values ('x', 'y')"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("governance_owner")]
    [InlineData("admin")]
    public async Task A_gateway_that_could_change_the_log_is_not_let_in(string user)
    {
        await using var log = OpenLog(Temporary.File("a"));
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => DatabaseEventStore.OpenAsync(postgres.Location(Database, user), log, Token));
        Assert.Contains("DELETE on governance.events", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_whose_guard_was_lifted_is_not_opened()
    {
        Sql("governance_owner", "alter table governance.events disable trigger refuse_truncate");
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => OpenAsync());
        Assert.Contains("trigger refuse_truncate is not enabled on governance.events", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_the_schema_is_refused_and_says_what_to_do()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        await using var log = OpenLog(Temporary.File("a"));
        var empty = postgres.Location(postgres.Server.NewDatabase());
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => DatabaseEventStore.OpenAsync(empty, log, Token));
        Assert.Contains("deploy/sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applying_the_script_again_changes_nothing()
    {
        await using (var node = await OpenAsync())
        {
            await node.AppendAsync(0, Event("a", 1));
        }

        const string Everything = """
            select string_agg(x, E'\n' order by x) from (
                select table_name || ' ' || column_name || ' ' || data_type as x from information_schema.columns where table_schema = 'governance'
                union all select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text from pg_trigger
                union all select conrelid::regclass || ' ' || conname from pg_constraint where connamespace = 'governance'::regnamespace
                union all select indexdef from pg_indexes where schemaname = 'governance'
                union all select relname || ' ' || relacl::text from pg_class where relnamespace = 'governance'::regnamespace and relkind = 'r'
                union all select "MigrationId" from governance.migrations
                union all select position || ' ' || encode(root, 'hex') from governance.events) s
            """;
        var before = Sql("admin", Everything);
        postgres.Server.SqlFile(Database, "governance_owner", Path.Combine(PostgreSqlFixture.Scripts, "governance.sql"));
        Assert.Equal(before, Sql("admin", Everything));
        Assert.Contains("refuse_truncate", before, StringComparison.Ordinal);
    }

    /// <summary>Whoever rules the server can lift the guards. What he does then is found.</summary>
    [Theory]
    [InlineData("update governance.events set entry = convert_to(replace(convert_from(entry, 'UTF8'), 'dana', 'dora'), 'UTF8') where position = 1")]
    [InlineData("update governance.events set root = sha256('x') where position = 1")]
    [InlineData("delete from governance.events where position = 1")]
    [InlineData("delete from governance.events where position >= 1")]
    [InlineData("delete from governance.events")]
    public async Task What_a_superuser_changes_is_found(string sql)
    {
        await using var a = await OpenAsync("a");
        await a.AppendAsync(0, Event("a", 1), Event("a", 2), Event("a", 3));
        Sql("admin", "set session_replication_role = replica; " + sql);

        Assert.NotEmpty(await ((DatabaseEventStore)a.Store).CompareAsync(Token));
        if (sql is "delete from governance.events" or "delete from governance.events where position >= 1")
        {
            Assert.IsType<AppendOutcome.Unavailable>(await a.AppendAsync(3, Event("a", 4)));
        }
    }

    [Theory]
    [InlineData("update governance.events set entry = convert_to(replace(convert_from(entry, 'UTF8'), 'dana', 'dora'), 'UTF8') where position = 1")]
    [InlineData("delete from governance.events where position = 1")]
    public async Task A_new_node_does_not_follow_a_log_that_was_changed(string sql)
    {
        await using var a = await OpenAsync("a");
        await a.AppendAsync(0, Event("a", 1), Event("a", 2), Event("a", 3));
        Sql("admin", "set session_replication_role = replica; " + sql);
        Assert.Contains("Entry 1 in the database", (await Assert.ThrowsAsync<LedgerDamagedException>(() => OpenAsync("b"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_connections_are_cut_the_next_appends_are_recorded_once()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));
        Sql("admin", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'governance_app'");

        AppendOutcome outcome;
        var attempts = 0;
        do
        {
            outcome = await node.AppendAsync(1, Event("a", 2));
        }
        while (outcome is AppendOutcome.Unavailable && ++attempts < 5);
        Assert.Equal(1, First(outcome));
        Assert.Equal(2, (await node.ReadAsync()).Count);
    }

    [Fact]
    public async Task After_the_connections_are_cut_requests_are_taken_at_once()
    {
        var table = await TableAsync("a", "b");
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => table.TakeAsync(Request((byte)i), "a", Guid.NewGuid(), Hour, Token)));
        Assert.All(taken, Assert.Null);
        Sql("admin", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'governance_app'");
        Assert.Equal("a", (await table.TakeAsync(Request(1), "b", Guid.NewGuid(), Hour, Token))!.Name);
    }

    /// <summary>The worst moment: the server has the commit, its answer never comes back. The store asks again and tells the truth.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_whose_answer_is_lost_is_settled(bool forwarded)
    {
        var name = Database;
        using var proxy = new CuttingProxy(postgres.Server.Port, forwarded);
        var location = new DatabaseLocation(
            DatabaseKind.PostgreSql, $"Host=127.0.0.1;Port={proxy.Port};Database={name};Username=governance_app;Timeout=10;SSL Mode=Disable;GSS Encryption Mode=Disable");
        var log = OpenLog(Temporary.File("a"));
        await using var node = new Node(await DatabaseEventStore.OpenAsync(location, log, Token), log, Temporary.File("a"));
        await node.AppendAsync(0, Event("a", 1));

        proxy.CutNextCommit();
        var outcome = await node.AppendAsync(1, Event("a", 2));
        Assert.True(proxy.HasCut);
        Assert.Equal(forwarded ? "2" : "1", Sql("admin", "select count(*) from governance.events"));
        if (forwarded)
        {
            Assert.Equal(1, First(outcome));
        }
        else
        {
            Assert.False(Assert.IsType<AppendOutcome.Unavailable>(outcome).Uncertain);
            Assert.Equal(1, First(await node.AppendAsync(1, Event("a", 2))));
        }
    }

    private string Sql(string user, string sql) => postgres.Server.Sql(Database, user, sql);

    private string Fails(string user, string sql) => Assert.Throws<InvalidOperationException>(() => Sql(user, sql)).Message;
}
