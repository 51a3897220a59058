using System.Text;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Ledger;
using Governance.Testing;
using static Governance.Storage.Tests.Contract.Facts;

namespace Governance.Storage.Tests.Contract;

/// <summary>What every <see cref="IEventStore"/> promises. Run on files, on PostgreSQL and on SQL Server.</summary>
public abstract class EventStoreContract : IDisposable
{
    private protected static readonly EcdsaNoteSigner Signer = EcdsaNoteSigner.Create("example.test/governance");

    private protected TempFolder Temporary { get; } = new();

    /// <summary>Where the decisions of gates are kept; nodes share it.</summary>
    private protected ArtifactDocuments Documents => new(new ArtifactStore(Temporary.File("artifacts")));

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual void Dispose()
    {
        Temporary.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens this test's log, as the process of this name.</summary>
    private protected abstract Task<Node> OpenAsync(string name = "a");

    [Fact]
    public async Task Events_come_back_in_order_with_their_positions_also_after_reopening()
    {
        RecordedEvent[] events = [Event("a", 1), Event("a", 2), Event("b", 1)];
        await using (var node = await OpenAsync())
        {
            Assert.Equal(0, First(await node.AppendAsync(0, events[0])));
            Assert.Equal(1, First(await node.AppendAsync(1, events[1])));
            Assert.Equal(2, First(await node.AppendAsync(0, events[2])));
            Assert.Equal(Json(events), Json(await node.ReadAsync()));
        }

        await using var again = await OpenAsync();
        var read = await again.ReadAsync();
        Assert.Equal(Json(events), Json(read));
        Assert.Equal([0L, 1, 2], read.Select(e => e.Position));
        Assert.Equal([2L], (await again.ReadAsync(2)).Select(e => e.Position));
        Assert.Empty(await again.ReadAsync(3));
        Assert.Equal(2, Conflict(await again.AppendAsync(1, Event("a", 2))));
    }

    [Fact]
    public async Task An_unexpected_stream_version_appends_nothing_and_says_the_actual_one()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1), Event("a", 2));

        Assert.Equal(2, Conflict(await node.AppendAsync(0, Event("a", 1))));
        Assert.Equal(2, Conflict(await node.AppendAsync(3, Event("a", 4))));
        Assert.Equal(0, Conflict(await node.AppendAsync(1, Event("A", 2))));
        Assert.Equal(0, Conflict(await node.AppendAsync(1, Event("a ", 2))));
        Assert.Equal(2, node.Log.Size);
    }

    [Fact]
    public async Task An_append_that_depends_on_the_whole_log_conflicts_when_any_stream_grew()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));

        Assert.Equal(0, Conflict(await node.AppendAsync(new AppendCondition(0, 0), Event("b", 1))));
        Assert.Equal(0, Conflict(await node.AppendAsync(new AppendCondition(0, 2), Event("b", 1))));
        Assert.Equal(1, First(await node.AppendAsync(new AppendCondition(0, 1), Event("b", 1))));
    }

    [Fact]
    public async Task A_request_is_recorded_once_whatever_stream_the_second_is_about()
    {
        await using (var node = await OpenAsync())
        {
            Assert.Equal(0, First(await node.AppendAsync(0, Event("a", 1, request: "dana:k1"), Event("a", 2, request: "dana:k1"))));
            Assert.Equal(0, Conflict(await node.AppendAsync(0, Event("b", 1, request: "dana:k1"))));
        }

        await using var again = await OpenAsync();
        Assert.Equal(0, Conflict(await again.AppendAsync(0, Event("b", 1, request: "dana:k1"))));
        Assert.Equal(2, First(await again.AppendAsync(0, Event("b", 1, request: "dana:K1"))));
    }

    [Fact]
    public async Task Of_appends_at_once_on_one_version_one_wins_and_its_events_lie_together()
    {
        await using var node = await OpenAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => node.AppendAsync(0, Event("a", 1, "n" + i), Event("a", 2, "n" + i)), Token)));

        Assert.Single(outcomes, o => o is AppendOutcome.Appended);
        var events = await node.ReadAsync();
        Assert.Equal(2, events.Count);
        Assert.Equal(events[0].Actor, events[1].Actor);
    }

    [Fact]
    public async Task An_event_too_large_for_an_entry_is_not_half_recorded()
    {
        await using var node = await OpenAsync();
        var outcome = await node.AppendAsync(0, Event("a", 1), Event("a", 2, new string('x', 70_000)));

        Assert.Equal(65_535, Assert.IsType<AppendOutcome.TooLarge>(outcome).Bytes);
        Assert.Equal(0, node.Log.Size);
        Assert.Equal(0, First(await node.AppendAsync(0, Event("a", 1))));
    }

    [Fact]
    public async Task After_the_log_is_closed_nothing_is_appended()
    {
        await using var node = await OpenAsync();
        await node.Log.DisposeAsync();
        Assert.IsType<AppendOutcome.Unavailable>(await node.AppendAsync(0, Event("a", 1)));
        await using var again = await OpenAsync("b");
        Assert.Empty(await again.ReadAsync());
    }

    /// <summary>Against a model of the contract in a few lines: a list, and what it says of each append.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_sequence_of_appends_ends_as_a_list_would(int seed)
    {
        var random = new Random(seed);
        List<RecordedEvent> model = [];
        await using var node = await OpenAsync();
        for (var step = 0; step < 60; step++)
        {
            var stream = "s" + random.Next(3);
            var version = model.Count(e => e.Stream == stream);
            var claimed = Math.Max(0, version + random.Next(-1, 2) * random.Next(2));
            long? size = random.Next(2) == 0 ? null : model.Count + random.Next(2) * random.Next(2);
            var request = random.Next(2) == 0 ? null : "dana:" + random.Next(40);
            RecordedEvent[] events = [.. Enumerable.Range(1, random.Next(1, 4)).Select(i => Event(stream, claimed + i, "n" + step, request))];
            var fits = claimed == version && (size ?? model.Count) == model.Count && (request is null || model.TrueForAll(e => e.Request != request));

            var outcome = await node.AppendAsync(new AppendCondition(claimed, size), events);
            Assert.Equal(fits ? new AppendOutcome.Appended(model.Count) : new AppendOutcome.Conflict(version), outcome);
            model.AddRange(fits ? events : []);
        }

        Assert.Equal(Json(model), Json(await node.ReadAsync()));
        Assert.Equal(Enumerable.Range(0, model.Count).Select(i => (long)i), (await node.ReadAsync()).Select(e => e.Position));
    }

    [Fact]
    public async Task A_restart_folds_to_the_same_state()
    {
        byte[] before;
        await using (var node = await OpenAsync())
        {
            using var governor = new Governor(node.Store, new ManualTime(Noon), Documents);
            await Steps.RunAsync(governor, Token);
            before = GovernanceJson.Serialize(governor.State);
        }

        await using var again = await OpenAsync();
        using var restarted = new Governor(again.Store, new ManualTime(Noon), Documents);
        await restarted.CatchUpAsync(Token);
        Assert.Equal(before, GovernanceJson.Serialize(restarted.State));
        Assert.Equal(Steps.Events, restarted.State.Position);
    }

    [Fact]
    public async Task Every_event_has_a_receipt_and_a_copy_of_the_folder_proves_the_log()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1), Event("a", 2));
        await node.AppendAsync(0, Event("b", 1));
        node.Log.PublishCheckpoint();
        var request = new VerificationRequest
        {
            Keys = [Signer.Verifier],
            Receipts = [.. Enumerable.Range(0, 3).Select(i =>
                ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(node.Log.Reader.Receipt(i)!.ToString()), (ReadOnlyMemory<byte>)node.Log.Reader.Read(i)))],
        };
        using var copy = new TempFolder();
        FileTree.Copy(node.Folder, copy.Path);

        var report = LedgerVerifier.Fsck(copy.Path, request, Token);
        Assert.Empty(report.Findings);
        Assert.Equal(3, report.Checkpoint!.Size);
    }

    private protected static LedgerLog OpenLog(string folder, params IReadOnlyList<INoteSigner> signers) =>
        LedgerLog.Open(folder, new LedgerOptions { Signers = signers.Count == 0 ? [Signer] : signers, CheckpointInterval = TimeSpan.FromMinutes(10) });
}
