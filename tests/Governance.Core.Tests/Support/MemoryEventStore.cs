using System.Runtime.CompilerServices;
using Governance.Core.Decisions;
using Governance.Core.Events;

namespace Governance.Core.Tests.Support;

/// <summary>Keeps events as the JSON the log would hold. Another writer, or a failure, can be put before an append.</summary>
internal sealed class MemoryEventStore : IEventStore
{
    private readonly List<byte[]> entries = [];

    /// <summary>Asked before each append; what it returns is the outcome and nothing is appended.</summary>
    public Func<AppendOutcome?> Before { get; set; } = () => null;

    public int Appends { get; private set; }

    public IReadOnlyList<RecordedEvent> Events => [.. entries.Select(Decode)];

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        for (var i = (int)from; i < entries.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Decode(entries[i], i);
        }
    }

    public ValueTask<AppendOutcome> AppendAsync(
        string stream, AppendCondition condition, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        Appends++;
        return ValueTask.FromResult(Before() ?? Append(stream, condition, events));
    }

    /// <summary>What another node does: appends at the stream's current version.</summary>
    public void AppendFromElsewhere(string stream, DateTimeOffset time, GovernanceEvent e)
    {
        var version = VersionOf(stream);
        Append(stream, version, [new RecordedEvent { Stream = stream, Version = version + 1, Time = time, Actor = "elsewhere", Event = e }]);
    }

    private AppendOutcome Append(string stream, AppendCondition condition, IReadOnlyList<RecordedEvent> events)
    {
        var actual = VersionOf(stream);
        var repeated = events[0].Request is { } request && Events.Any(e => e.Request == request);
        if (actual != condition.StreamVersion || (condition.LogSize ?? entries.Count) != entries.Count || repeated)
        {
            return new AppendOutcome.Conflict(actual);
        }

        var first = entries.Count;
        entries.AddRange(events.Select(e => GovernanceJson.Serialize(e)));
        return new AppendOutcome.Appended(first);
    }

    private long VersionOf(string stream) => Events.LastOrDefault(e => e.Stream == stream)?.Version ?? 0;

    private static RecordedEvent Decode(byte[] entry, int index) => GovernanceJson.Deserialize<RecordedEvent>(entry) with { Position = index };
}
