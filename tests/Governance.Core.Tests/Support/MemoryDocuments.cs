using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;

namespace Governance.Core.Tests.Support;

/// <summary>Documents in memory. A failure can be put before.</summary>
internal sealed class MemoryDocuments : IDocumentStore
{
    private readonly Dictionary<Digest, byte[]> kept = [];

    public bool Full { get; set; }

    public byte[]? Read(Digest digest) => kept.GetValueOrDefault(digest);

    public GateDecision Decision(GateDecided e) => GovernanceJson.Deserialize<GateDecision>(kept[e.Document]);

    public ValueTask KeepAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (Full)
        {
            throw new IOException("No space left.");
        }

        kept[Digest.Of(content.Span)] = content.ToArray();
        return ValueTask.CompletedTask;
    }
}
