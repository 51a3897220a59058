using Governance.Core.Decisions;

namespace Governance.Storage;

/// <summary>Documents of decisions as artefacts. Thread-safe.</summary>
public sealed class ArtifactDocuments(ArtifactStore artifacts) : IDocumentStore
{
    /// <inheritdoc/>
    public async ValueTask KeepAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => await artifacts.PutAsync(content, cancellationToken);
}
