using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Storage;

namespace Governance.Gateway.Policy;

/// <summary>Verified evidence by the digest of its envelope. Content never changes under a digest, so what verified once is kept. Thread-safe.</summary>
public sealed class EvidenceSource(ArtifactStore artifacts, IEvidenceSigner signer)
{
    private const int Most = 4096;
    private readonly ConcurrentDictionary<Digest, VerifiedEvidence> verified = new();

    /// <summary>Null when the envelope is absent, altered, or not signed by this installation.</summary>
    public VerifiedEvidence? Get(Digest envelope)
    {
        if (verified.TryGetValue(envelope, out var known))
        {
            return known;
        }

        if (artifacts.Read(envelope) is not { } bytes || EvidenceEnvelope.Open(bytes, signer) is not { } evidence)
        {
            return null;
        }

        if (verified.Count >= Most)
        {
            verified.Clear();
        }

        return verified.GetOrAdd(envelope, evidence);
    }
}
