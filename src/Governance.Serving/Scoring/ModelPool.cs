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
/// requests, bounded in number. A model that is taken out goes when the last call on it is done. Thread-safe.
/// </summary>
/// <param name="read">The content of an artefact, verified against its digest; null when it is absent or altered.</param>
/// <param name="most">Most models at a time; beyond it one of those longest unused goes. Default 64.</param>
public sealed class ModelPool(Func<Digest, byte[]?> read, OnnxLimits limits, int most = 64) : IScorerSource, IDisposable
{
    private readonly ConcurrentDictionary<Digest, Entry> loaded = new();
    private long uses;

    /// <summary>Models loaded now.</summary>
    public int Count => loaded.Count;

    /// <summary>The version's model, loaded now if it was not.</summary>
    /// <exception cref="ScoringException">The artefact is absent, altered, or no longer passes the scan: nothing is served.</exception>
    public InProcessScorer Get(VersionState version)
    {
        var artifact = version.Submission.Artifact;
        var entry = loaded.TryGetValue(artifact, out var known) ? known : Add(version);
        try
        {
            // The one used last is not marked again: a single busy model writes nothing that other requests read.
            if (entry.Used != Volatile.Read(ref uses))
            {
                entry.Used = Interlocked.Increment(ref uses);
            }

            return entry.Scorer.Value;
        }
        catch (ModelRefusedException e)
        {
            // A failed load is tried again: the artefact may be restored.
            loaded.TryRemove(new KeyValuePair<Digest, Entry>(artifact, entry));
            throw new ScoringException(ScoringException.ModelFailed, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken) => new(Get(version));

    /// <summary>Loads a version's model and runs it once, so that its first request finds it ready. What it makes of the made-up row is not judged.</summary>
    /// <exception cref="ScoringException">It cannot be loaded.</exception>
    public async ValueTask WarmAsync(VersionState version, CancellationToken cancellationToken)
    {
        var scorer = Get(version);
        try
        {
            await scorer.ScoreAsync(new float[scorer.Features.Count], 1, new double[1], cancellationToken);
        }
        catch (ScoringException)
        {
            // Zeros are no applicant.
        }
    }

    /// <summary>Lets go of every model but these.</summary>
    public void KeepOnly(IReadOnlySet<Digest> wanted)
    {
        foreach (var entry in loaded.Where(e => !wanted.Contains(e.Key)))
        {
            TakeOut(entry);
        }
    }

    public void Dispose()
    {
        foreach (var entry in loaded)
        {
            TakeOut(entry);
        }
    }

    private Entry Add(VersionState version)
    {
        var added = loaded.GetOrAdd(
            version.Submission.Artifact, _ => new Entry(new Lazy<InProcessScorer>(() => Load(version))) { Used = Interlocked.Increment(ref uses) });
        if (loaded.Count > most && loaded.Where(e => e.Value != added).OrderBy(e => e.Value.Used).FirstOrDefault() is { Value: not null } oldest)
        {
            TakeOut(oldest);
        }

        return added;
    }

    /// <summary>One that is being loaded stays: somebody waits for it.</summary>
    private void TakeOut(KeyValuePair<Digest, Entry> entry)
    {
        if (entry.Value.Scorer.IsValueCreated && loaded.TryRemove(entry))
        {
            entry.Value.Scorer.Value.LetGo();
        }
    }

    private InProcessScorer Load(VersionState version)
    {
        var (artifact, features) = (version.Submission.Artifact, version.Submission.Features);
        if (read(artifact) is not { } content)
        {
            throw new ModelRefusedException($"The model file {artifact.Abbreviated} is missing or was altered.");
        }

        var scan = OnnxScanner.Scan(content, limits);
        return scan.Model is { } model
            ? new InProcessScorer(new OnnxScorer(model, features), () => Get(version))
            : throw new ModelRefusedException($"The model file {artifact.Abbreviated} does not pass the scan: {scan.Findings[0].Message}");
    }

    private sealed class Entry(Lazy<InProcessScorer> scorer)
    {
        public Lazy<InProcessScorer> Scorer => scorer;

        /// <summary>The larger, the later it was asked for.</summary>
        public long Used { get; set; }
    }
}
