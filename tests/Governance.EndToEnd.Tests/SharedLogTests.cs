using System.Text;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Testing;

namespace Governance.EndToEnd.Tests;

/// <summary>Gateways in processes of their own on one PostgreSQL, with the roles and the schema an operator would make.</summary>
public sealed class SharedLogTests : IDisposable
{
    private static readonly string Scripts = Path.Combine(SharedMaterial.RepositoryRoot, "deploy", "sql", "postgresql");
    private readonly TempFolder folder = new();
    private PostgreSqlServer? server;
    private string database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        server?.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Registered_to_erased_on_postgresql_and_the_same_after_a_kill()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        Programs.Need("weasyprint", "weasyprint");
        StartServer();
        string before;
        await using (var gateway = await StartAsync("a"))
        {
            var (exitCode, _, error) = await Programs.GovAsync(
                ["demo", "--url", gateway.Address.AbsoluteUri, "--data", folder.File("a"), "--out", folder.File("out"), "--json"], Token);
            Assert.True(exitCode == 0, $"gov demo ended with {exitCode}: {error}");
            before = await InventoryAsync(gateway);
            await gateway.KillAsync();
        }

        await using var again = await StartAsync("a");
        Assert.Equal(before, await InventoryAsync(again));
        using var callers = new Callers(again.Address);
        var verified = await callers.As("audrey").VerifyLogAsync("governance", Token);
        Assert.True(verified.Verified);
        Assert.True(verified.Size > 20);
        Assert.Equal($"{verified.Size}", server!.Sql(database, "governance_app", "select count(*) from governance.events"));

        // A node that starts with nothing but the log's key folds the same state.
        await using var another = await StartAsync("b");
        Assert.Equal(before, await InventoryAsync(another));
    }

    [Fact]
    public async Task Two_gateways_see_each_others_events_and_never_both_win()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        StartServer();
        await using var a = await StartAsync("a");
        await using var b = await StartAsync("b");
        using var onA = new Callers(a.Address);
        using var onB = new Callers(b.Address);
        var (first, second) = (onA.As("dana"), onB.As("dana"));

        for (var i = 0; i < 10; i++)
        {
            var id = "model-" + i;
            var answers = await Task.WhenAll(RegisterAsync(first, id, key: null), RegisterAsync(second, id, key: null));
            Assert.Single(answers, won => won);
        }

        // One request sent to both nodes at once is one event, and both answer with it.
        Assert.All(await Task.WhenAll(RegisterAsync(first, "retried", "key-1"), RegisterAsync(second, "retried", "key-1")), Assert.True);
        Assert.True(await RegisterAsync(first, "last", key: null));
        await UntilAsync(async () => (await second.ListModelsAsync(new PageRequest(100, null), null, Token)).Items.Count == 12);
        Assert.Equal(await InventoryAsync(a), await InventoryAsync(b));
        Assert.Equal("12", server!.Sql(database, "governance_app", "select count(*) from governance.events where stream like 'model/%'"));
    }

    [Fact]
    public async Task A_gateway_that_may_change_the_log_or_lacks_a_setting_does_not_start()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        StartServer();
        var (exit, error) = await GatewayProcess.RefusedAsync(folder.File("a"), Token, Settings("a", "governance_owner"));
        Assert.Equal(75, exit);
        Assert.Contains("DELETE on governance.events", error, StringComparison.Ordinal);

        (exit, error) = await GatewayProcess.RefusedAsync(folder.File("b"), Token, ("Gateway__Store", "PostgreSql"), ("Gateway__Replica", "b"), ("Gateway__ArtifactFolder", folder.File("artifacts")));
        Assert.Equal(78, exit);
        Assert.Contains("ConnectionStrings:Governance", error, StringComparison.Ordinal);
    }

    /// <summary>A due time is done by one gateway; when that one is killed the other does the next.</summary>
    [Fact]
    public async Task Two_gateways_do_each_due_job_once_and_one_takes_over_from_a_killed_one()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        StartServer();
        (string, string)[] often = [("Gateway__Schedules__Cron__lapses", "* * * * * ?")];
        var a = await StartAsync("a", often);
        var b = await StartAsync("b", often);
        try
        {
            using var onA = new Callers(a.Address);
            using var onB = new Callers(b.Address);
            var (first, second) = (onA.As("audrey"), onB.As("audrey"));
            await UntilAsync(async () => (await first.GetScheduleAsync("lapses", Token)).Last is not null);
            var seen = await first.GetScheduleAsync("lapses", Token);
            await UntilAsync(async () => (await second.GetScheduleAsync("lapses", Token)).Last > seen.Last + TimeSpan.FromSeconds(3));

            // The one that ran it last is killed; the other goes on, and says so.
            var last = await first.GetScheduleAsync("lapses", Token);
            Assert.Equal("done", last.Outcome);
            var (dies, lives, survivor) = last.Node == "a" ? (a, second, "b") : (b, first, "a");
            await dies.KillAsync();
            await UntilAsync(async () => await lives.GetScheduleAsync("lapses", Token) is { Outcome: "done" } now && now.Node == survivor && now.Last > last.Last + TimeSpan.FromSeconds(2));
            await (dies == a ? b : a).KillAsync();

            var due = Due(await a.LogAsync()).Concat(Due(await b.LogAsync())).ToList();
            Assert.True(due.Count > 4, $"{due.Count} due times");
            Assert.Equal(due.Count, due.Distinct(StringComparer.Ordinal).Count());
        }
        finally
        {
            await a.DisposeAsync();
            await b.DisposeAsync();
        }

        static IEnumerable<string> Due(string log) => log.Split('\n').Where(l => l.Contains("Schedule lapses, due ", StringComparison.Ordinal)).Select(l => l.Split(": done")[0].Trim());
    }

    private static async Task<bool> RegisterAsync(GovernanceClient client, string id, string? key)
    {
        try
        {
            await client.RegisterModelAsync(
                new ModelRegistration
                {
                    Id = id, Name = "Credit", Use = "Credit", Tier = Tier.One, Owner = "olivia", Developers = [], Jurisdictions = ["EU"], Automation = Automation.Sole,
                },
                key, Token);
            return true;
        }
        catch (GovernanceException e) when (e.Problem.Code == "model-exists")
        {
            return false;
        }
    }

    private static async Task<string> InventoryAsync(GatewayProcess gateway)
    {
        using var callers = new Callers(gateway.Address);
        var client = callers.As("audrey");
        var models = await client.ListModelsAsync(new PageRequest(100, null), null, Token);
        var details = await Task.WhenAll(models.Items.Select(m => client.GetModelAsync(m.Id, null, Token)));
        return Encoding.UTF8.GetString(GovernanceJson.Serialize(details));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            await poll.WaitForNextTickAsync(limit.Token);
        }
    }

    private void StartServer()
    {
        server = PostgreSqlServer.Start();
        server.SqlFile("postgres", "admin", Path.Combine(Scripts, "roles.sql"));
        database = server.NewDatabase("governance_owner");
        server.SqlFile(database, "governance_owner", Path.Combine(Scripts, "governance.sql"));
    }

    /// <summary>Starts a node; every node but the first is given the keys all nodes share.</summary>
    private Task<GatewayProcess> StartAsync(string node, params (string Name, string Value)[] more)
    {
        if (node != "a" && !Directory.Exists(folder.File(node)))
        {
            foreach (var key in new[] { "governance-log.pem", "evidence.pem" })
            {
                Directory.CreateDirectory(folder.File(node + "/keys"));
                File.Copy(folder.File("a/keys/" + key), folder.File($"{node}/keys/{key}"));
            }
        }

        return GatewayProcess.StartAsync(folder.File(node), Token, [.. Settings(node, "governance_app"), .. more]);
    }

    private (string Name, string Value)[] Settings(string node, string user) =>
    [
        ("Gateway__Store", "PostgreSql"),
        ("Gateway__Replica", node),
        ("Gateway__ArtifactFolder", folder.File("artifacts")),
        ("ConnectionStrings__Governance", server!.ConnectionString(database, user)),
    ];
}
