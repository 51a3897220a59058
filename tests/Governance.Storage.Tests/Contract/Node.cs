using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Ledger;

namespace Governance.Storage.Tests.Contract;

/// <summary>One process's view of a governance log: its store, and the log (of files, or this node's copy) that proves what is in it.</summary>
internal sealed class Node(IEventStore store, LedgerLog log, string folder) : IAsyncDisposable
{
    public IEventStore Store => store;

    public LedgerLog Log => log;

    /// <summary>Where the log's files are.</summary>
    public string Folder => folder;

    public async Task<List<RecordedEvent>> ReadAsync(long from = 0) =>
        await store.ReadAsync(from, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    public Task<AppendOutcome> AppendAsync(AppendCondition condition, params RecordedEvent[] events) =>
        store.AppendAsync(events[0].Stream, condition, events, TestContext.Current.CancellationToken).AsTask();

    public async ValueTask DisposeAsync()
    {
        (store as IDisposable)?.Dispose();
        await log.DisposeAsync();
    }
}

/// <summary>Events and outcomes of the contract tests.</summary>
internal static class Facts
{
    public static DateTimeOffset Noon { get; } = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    public static RecordedEvent Event(string stream, long version, string actor = "dana", string? request = null) => new()
    {
        Stream = stream,
        Version = version,
        Time = Noon,
        Actor = actor,
        Request = request,
        RequestDigest = request is null ? null : Digest.Of("request"u8),
        Event = new TierConfirmed("credit", Tier.Two),
    };

    public static byte[] Json(IReadOnlyList<RecordedEvent> events) => GovernanceJson.Serialize(events);

    public static long First(AppendOutcome outcome) => Assert.IsType<AppendOutcome.Appended>(outcome).First;

    public static long Conflict(AppendOutcome outcome) => Assert.IsType<AppendOutcome.Conflict>(outcome).ActualVersion;
}
