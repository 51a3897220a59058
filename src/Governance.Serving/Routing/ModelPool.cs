using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.State;
using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Serving.Routing;

/// <summary>
/// Loaded models by artefact digest: scanned again and compared with the digest before the runtime sees them, loaded once, shared by all
/// requests. Thread-safe.
/// </summary>
/// <param name="read">The content of an artefact, verified against its digest; null when it is absent or altered.</param>
public sealed class ModelPool(Func<Digest, byte[]?> read, OnnxLimits limits) : IDisposable
{
    private readonly ConcurrentDictionary<Digest, Lazy<OnnxScorer>> loaded = new();

    /// <summary>The version's model, loaded now if it was not.</summary>
    /// <exception cref="ModelRefusedException">The artefact is absent, altered, or no longer passes the scan: nothing is served.</exception>
    public OnnxScorer Get(VersionState version)
    {
        var submission = version.Submission;
        var entry = loaded.GetOrAdd(submission.Artifact, _ => new Lazy<OnnxScorer>(() => Load(submission.Artifact, submission.Features)));
        try
        {
            return entry.Value;
        }
        catch (ModelRefusedException)
        {
            // A failed load is tried again: the artefact may be restored.
            loaded.TryRemove(new KeyValuePair<Digest, Lazy<OnnxScorer>>(submission.Artifact, entry));
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var entry in loaded.Values.Where(e => e.IsValueCreated))
        {
            entry.Value.Dispose();
        }
    }

    private OnnxScorer Load(Digest artifact, IReadOnlyList<string> features)
    {
        if (read(artifact) is not { } content)
        {
            throw new ModelRefusedException($"The model file {artifact.Abbreviated} is missing or was altered.");
        }

        var scan = OnnxScanner.Scan(content, limits);
        return scan.Model is { } model
            ? new OnnxScorer(model, features)
            : throw new ModelRefusedException($"The model file {artifact.Abbreviated} does not pass the scan: {scan.Findings[0].Message}");
    }
}
