namespace Governance.Core.Decisions;

/// <summary>Keeps documents that events name by digest. Thread-safe.</summary>
public interface IDocumentStore
{
    /// <summary>Returns when the content is durable under its SHA-256 digest; keeping it again changes nothing.</summary>
    /// <exception cref="IOException">It could not be kept.</exception>
    ValueTask KeepAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}
