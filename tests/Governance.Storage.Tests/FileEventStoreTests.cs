using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Storage.Tests;

/// <summary>The contract of <see cref="IEventStore"/> over a real log in a folder.</summary>
public sealed class FileEventStoreTests : IDisposable
{
    private static readonly EcdsaNoteSigner Signer = EcdsaNoteSigner.Create("example.test/governance");
    private static readonly DateTimeOffset Noon = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Events_come_back_in_order_with_their_positions_also_after_reopening()
    {
        IReadOnlyList<RecordedEvent> events = [Event("a", 1), Event("a", 2), Event("b", 1)];
        await using (var log = Open())
        {
            using var store = new FileEventStore(log);
            Assert.Equal(0, First(await store.AppendAsync("a", 0, [events[0]], Token)));
            Assert.Equal(1, First(await store.AppendAsync("a", 1, [events[1]], Token)));
            Assert.Equal(2, First(await store.AppendAsync("b", 0, [events[2]], Token)));
            Assert.Equal(Json(events), Json(await ReadAsync(store)));
        }

        await using var again = Open();
        using var reopened = new FileEventStore(again);
        var read = await ReadAsync(reopened);
        Assert.Equal(Json(events), Json(read));
        Assert.Equal([0L, 1, 2], read.Select(e => e.Position));
        Assert.Equal([2L], (await ReadAsync(reopened, 2)).Select(e => e.Position));
        Assert.Empty(await ReadAsync(reopened, 3));
        Assert.Equal(2, Conflict(await reopened.AppendAsync("a", 1, [Event("a", 2)], Token)));
    }

    [Fact]
    public async Task An_unexpected_version_appends_nothing_and_says_the_actual_one()
    {
        await using var log = Open();
        using var store = new FileEventStore(log);
        await store.AppendAsync("a", 0, [Event("a", 1), Event("a", 2)], Token);

        Assert.Equal(2, Conflict(await store.AppendAsync("a", 0, [Event("a", 1)], Token)));
        Assert.Equal(2, Conflict(await store.AppendAsync("a", 3, [Event("a", 4)], Token)));
        Assert.Equal(0, Conflict(await store.AppendAsync("b", 1, [Event("b", 2)], Token)));
        Assert.Equal(2, log.Size);
    }

    [Fact]
    public async Task Of_appends_at_once_on_one_version_one_wins_and_its_events_lie_together()
    {
        await using var log = Open();
        using var store = new FileEventStore(log);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            async () => await store.AppendAsync("a", 0, [Event("a", 1, "n" + i), Event("a", 2, "n" + i)], Token), Token)));

        Assert.Single(outcomes, o => o is AppendOutcome.Appended);
        var events = await ReadAsync(store);
        Assert.Equal(2, events.Count);
        Assert.Equal(events[0].Actor, events[1].Actor);
    }

    /// <summary>A crash in the middle of writing several events leaves none of them: the file is cut within the last append.</summary>
    [Fact]
    public async Task Several_events_are_one_append_wherever_the_write_is_torn()
    {
        await using var log = Open();
        using var store = new FileEventStore(log);
        await store.AppendAsync("a", 0, [Event("a", 1)], Token);
        var before = Segment(folder.Path).Length;
        await store.AppendAsync("a", 1, [Event("a", 2), Event("a", 3), Event("a", 4)], Token);
        var whole = Segment(folder.Path).Length;

        foreach (var length in new[] { before, before + 1, before + ((whole - before) / 3), before + ((whole - before) * 2 / 3), whole - 1, whole })
        {
            // Copied while it is open, as a crash leaves it: no checkpoint covers the last append.
            using var copy = new TempFolder();
            Copy(folder.Path, copy.Path);
            using (var segment = Segment(copy.Path).OpenWrite())
            {
                segment.SetLength(length);
            }

            await using var crashed = LedgerLog.Open(copy.Path, Options());
            Assert.Equal(length == whole ? 4 : 1, crashed.Size);
        }
    }

    [Fact]
    public async Task An_event_too_large_for_an_entry_is_not_half_recorded()
    {
        await using var log = Open();
        using var store = new FileEventStore(log);
        var outcome = await store.AppendAsync("a", 0, [Event("a", 1), Event("a", 2, new string('x', 70_000))], Token);

        Assert.Equal(65_535, Assert.IsType<AppendOutcome.TooLarge>(outcome).Bytes);
        Assert.Equal(0, log.Size);
        Assert.IsType<AppendOutcome.Appended>(await store.AppendAsync("a", 0, [Event("a", 1)], Token));
    }

    [Fact]
    public async Task After_the_log_is_closed_nothing_is_appended()
    {
        var log = Open();
        using var store = new FileEventStore(log);
        await log.DisposeAsync();
        Assert.IsType<AppendOutcome.Unavailable>(await store.AppendAsync("a", 0, [Event("a", 1)], Token));
    }

    [Fact]
    public async Task An_entry_that_is_no_event_is_named_by_its_index_and_never_skipped()
    {
        await using var log = Open();
        using var store = new FileEventStore(log);
        await store.AppendAsync("a", 0, [Event("a", 1)], Token);
        await log.AppendAsync("{\"stream\":\"a\"}"u8.ToArray(), Token);

        Assert.Equal(1, (await Assert.ThrowsAsync<EventUnreadableException>(() => ReadAsync(store))).Index);
    }

    [Fact]
    public async Task A_restart_folds_to_the_same_state()
    {
        byte[] before;
        await using (var log = Open())
        {
            using var store = new FileEventStore(log);
            using var governor = new Governor(store, new ManualTime(Noon));
            await Steps.RunAsync(governor, Token);
            before = GovernanceJson.Serialize(governor.State);
        }

        await using var again = Open();
        using var reopened = new FileEventStore(again);
        using var restarted = new Governor(reopened, new ManualTime(Noon));
        await restarted.CatchUpAsync(Token);
        Assert.Equal(before, GovernanceJson.Serialize(restarted.State));
        Assert.Equal(7, restarted.State.Position);
    }

    private static RecordedEvent Event(string stream, long version, string actor = "dana") => new()
    {
        Stream = stream,
        Version = version,
        Time = Noon,
        Actor = actor,
        Event = new TierConfirmed("credit", Tier.Two),
    };

    private static LedgerOptions Options() => new() { Signers = [Signer], CheckpointInterval = TimeSpan.FromMinutes(10) };

    private LedgerLog Open() => LedgerLog.Open(folder.Path, Options());

    private static FileInfo Segment(string log) => new DirectoryInfo(Path.Combine(log, "segments")).EnumerateFiles("*.seg").Single();

    private static async Task<List<RecordedEvent>> ReadAsync(FileEventStore store, long from = 0) => await store.ReadAsync(from, Token).ToListAsync(Token);

    private static byte[] Json(IReadOnlyList<RecordedEvent> events) => GovernanceJson.Serialize(events);

    private static long First(AppendOutcome outcome) => Assert.IsType<AppendOutcome.Appended>(outcome).First;

    private static long Conflict(AppendOutcome outcome) => Assert.IsType<AppendOutcome.Conflict>(outcome).ActualVersion;

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
