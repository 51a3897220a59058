using Governance.Core;
using Governance.Core.Decisions;
using Governance.Ledger;
using Governance.Storage.Database;
using Governance.Testing;
using static Governance.Storage.Tests.Contract.Facts;

namespace Governance.Storage.Tests.Contract;

/// <summary>What a shared log promises beyond the contract: several nodes, one log.</summary>
public abstract partial class DatabaseContract : EventStoreContract
{
    /// <summary>An empty, migrated database, made when it is first asked for.</summary>
    private protected abstract DatabaseLocation Location { get; }

    [Fact]
    public async Task Nodes_see_each_others_events_and_their_copies_are_one_tree()
    {
        await using var a = await OpenAsync("a");
        await using var b = await OpenAsync("b");
        await a.AppendAsync(0, Event("a", 1));
        Assert.Equal(1, First(await b.AppendAsync(1, Event("a", 2))));
        Assert.Equal(2, First(await a.AppendAsync(0, Event("b", 1))));

        Assert.Equal(Json(await a.ReadAsync()), Json(await b.ReadAsync()));
        Assert.Equal(a.Log.PublishCheckpoint().Text, b.Log.PublishCheckpoint().Text);
    }

    [Fact]
    public async Task Of_two_nodes_on_one_version_never_both_win()
    {
        await using var a = await OpenAsync("a");
        await using var b = await OpenAsync("b");
        for (var version = 0; version < 25; version++)
        {
            var outcomes = await Task.WhenAll(
                Task.Run(() => a.AppendAsync(version, Event("s", version + 1, "a")), Token), Task.Run(() => b.AppendAsync(version, Event("s", version + 1, "b")), Token));
            Assert.Single(outcomes, o => o is AppendOutcome.Appended);
            Assert.Single(outcomes, o => o is AppendOutcome.Conflict { ActualVersion: var actual } && actual == version + 1);
        }

        Assert.Equal(25, (await a.ReadAsync()).Count);
        Assert.Equal(Json(await a.ReadAsync()), Json(await b.ReadAsync()));
    }

    [Fact]
    public async Task A_decision_of_one_node_stands_on_what_the_other_has_recorded()
    {
        await using var a = await OpenAsync("a");
        await using var b = await OpenAsync("b");
        using var first = new Governor(a.Store, new ManualTime(Noon), Documents);
        using var second = new Governor(b.Store, new ManualTime(Noon), Documents);
        await Steps.RunAsync(first, Token);

        // The same requests reach a node that has not caught up: nothing is recorded twice.
        await Steps.RunAsync(second, Token);
        Assert.Equal(Steps.Events, second.State.Position);
        Assert.Equal(GovernanceJson.Serialize(first.State), GovernanceJson.Serialize(second.State));
    }

    [Fact]
    public async Task A_node_with_a_key_of_its_own_is_not_let_in()
    {
        await using var a = await OpenAsync("a");
        var other = EcdsaNoteSigner.Create("example.test/governance");
        await using var stranger = OpenLog(Temporary.File("stranger"), other);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => DatabaseEventStore.OpenAsync(Location, stranger, Token));

        await using var rotating = OpenLog(Temporary.File("rotating"), Signer, other);
        using var both = await DatabaseEventStore.OpenAsync(Location, rotating, Token);
        using var known = await DatabaseEventStore.OpenAsync(Location, stranger, Token);
    }

    [Fact]
    public async Task A_copy_that_knows_more_than_the_database_is_not_followed()
    {
        await using var a = await OpenAsync("a");
        await a.AppendAsync(0, Event("a", 1));
        await a.Log.AppendAsync("never in the database"u8.ToArray(), Token);

        Assert.IsType<AppendOutcome.Unavailable>(await a.AppendAsync(1, Event("a", 2)));
        await Assert.ThrowsAsync<LedgerDamagedException>(() => a.ReadAsync());
        Assert.NotEmpty(await ((DatabaseEventStore)a.Store).CompareAsync(Token));
        await using var b = await OpenAsync("b");
        Assert.Single(await b.ReadAsync());
        Assert.Empty(await ((DatabaseEventStore)b.Store).CompareAsync(Token));
    }

    [Fact]
    public async Task A_waiting_node_learns_that_another_appended()
    {
        await using var a = await OpenAsync("a");
        await using var signal = new DatabaseSignal(Location, TimeProvider.System);
        await signal.WaitAsync(TimeSpan.FromMilliseconds(1), Token);
        var pause = Location.Kind == DatabaseKind.PostgreSql ? TimeSpan.FromHours(1) : TimeSpan.FromMilliseconds(10);
        var waiting = signal.WaitAsync(pause, Token);
        await a.AppendAsync(0, Event("a", 1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    private protected override async Task<Node> OpenAsync(string name = "a")
    {
        var log = OpenLog(Temporary.File(name));
        try
        {
            return new Node(await DatabaseEventStore.OpenAsync(Location, log, Token), log, Temporary.File(name));
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }
}
