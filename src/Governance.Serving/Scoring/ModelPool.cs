using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving.Routing;

namespace Governance.Serving.Scoring;

/// <summary>
/// Loaded models by artefact digest: scanned again and compared with the digest before the runtime sees them, loaded once, shared by all
/// requests. Thread-safe.
/// </summary>
/// <param name="read">The content of an artefact, verified against its digest; null when it is absent or altered.</param>
public sealed class ModelPool(Func<Digest, byte[]?> read, OnnxLimits limits) : IScorerSource, IDisposable
{
    private readonly ConcurrentDictionary<Digest, Lazy<InProcessScorer>> loaded = new();

    /// <summary>The version's model, loaded now if it was not.</summary>
    /// <exception cref="ScoringException">The artefact is absent, altered, or no longer passes the scan: nothing is served.</exception>
    public InProcessScorer Get(VersionState version)
    {
        var artifact = version.Submission.Artifact;
        var entry = loaded.TryGetValue(artifact, out var known) ? known : Add(version.Submission);
        try
        {
            return entry.Value;
        }
        catch (ModelRefusedException e)
        {
            // A failed load is tried again: the artefact may be restored.
            loaded.TryRemove(new KeyValuePair<Digest, Lazy<InProcessScorer>>(artifact, entry));
            throw new ScoringException(ScoringException.ModelFailed, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken) => new(Get(version));

    public void Dispose()
    {
        foreach (var entry in loaded.Values.Where(e => e.IsValueCreated))
        {
            entry.Value.Model.Dispose();
        }
    }

    private Lazy<InProcessScorer> Add(VersionSubmission submission) => loaded.GetOrAdd(
        submission.Artifact, _ => new Lazy<InProcessScorer>(() => Load(submission.Artifact, submission.Features)));

    private InProcessScorer Load(Digest artifact, IReadOnlyList<string> features)
    {
        if (read(artifact) is not { } content)
        {
            throw new ModelRefusedException($"The model file {artifact.Abbreviated} is missing or was altered.");
        }

        var scan = OnnxScanner.Scan(content, limits);
        return scan.Model is { } model
            ? new InProcessScorer(new OnnxScorer(model, features))
            : throw new ModelRefusedException($"The model file {artifact.Abbreviated} does not pass the scan: {scan.Findings[0].Message}");
    }
}
