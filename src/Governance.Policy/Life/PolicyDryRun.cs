using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Policy.Gates;

namespace Governance.Policy.Life;

/// <summary>A version in service, with the input the gate <c>promote</c> would have now.</summary>
public sealed record LiveVersion(string ModelId, int Version, DateTimeOffset Time, JsonObject Input);

/// <summary>A recorded decision and where it is recorded.</summary>
public sealed record PastDecision(long Position, DateTimeOffset Time, GateDecided Event);

/// <summary>How far a dry run is.</summary>
public readonly record struct DryRunProgress(int Done, int Total);

/// <summary>
/// Decides again, under a candidate pack, what is in service and what was decided: from the inputs as they were recorded. Signatures count as
/// given, although publishing a pack voids those given under another. Pure but for reading artefacts.
/// </summary>
public static class PolicyDryRun
{
    public const int MostDecisions = 1_000;
    public const int MostListed = 100;

    /// <param name="past">Recorded decisions, newest first.</param>
    /// <param name="read">Content of an artefact, verified; null when it is absent or altered.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DryRunReport Run(
        PolicyPack current, PolicyPack candidate, IReadOnlyList<LiveVersion> live, IReadOnlyList<PastDecision> past, Func<Digest, byte[]?> read,
        IProgress<DryRunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var examined = past.Take(MostDecisions).ToList();
        var total = live.Count + examined.Count;
        var done = 0;
        var liveDifferences = new List<DryRunDifference>();
        foreach (var version in live)
        {
            var before = GateEvaluator.Evaluate(current, GateNames.Promote, version.Input, cancellationToken);
            var after = GateEvaluator.Evaluate(candidate, GateNames.Promote, version.Input, cancellationToken);
            Note(liveDifferences, Difference(version.ModelId, version.Version, null, version.Time, before, after));
            progress?.Report(new DryRunProgress(++done, total));
        }

        var pastDifferences = new List<DryRunDifference>();
        var (unreadable, differing) = (0, 0);
        foreach (var decision in examined)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (DecisionReplay.Documents(decision.Event, read) is ({ } recorded, { } input))
            {
                var after = Evaluate(candidate, decision.Event.Gate, input, cancellationToken);
                if (after is null)
                {
                    unreadable++;
                }
                else if (Difference(decision.Event.ModelId, decision.Event.Version, decision.Position, decision.Time, recorded, after) is { } difference)
                {
                    differing++;
                    Note(pastDifferences, pastDifferences.Count < MostListed ? difference : null);
                }
            }
            else
            {
                unreadable++;
            }

            progress?.Report(new DryRunProgress(++done, total));
        }

        return new DryRunReport(
            $"{current.Name} {current.Version}", $"{candidate.Name} {candidate.Version}", candidate.Digest, candidate.ParamsDigest, PolicyDiff.Compare(current, candidate),
            live.Count, liveDifferences, examined.Count, past.Count, unreadable, pastDifferences, differing);
    }

    /// <summary>Null when the input does not fit the candidate's schema.</summary>
    private static GateDecision? Evaluate(PolicyPack pack, string gate, JsonObject input, CancellationToken cancellationToken)
    {
        try
        {
            return GateEvaluator.Evaluate(pack, gate, input, cancellationToken);
        }
        catch (GateInputException)
        {
            return null;
        }
    }

    private static void Note(List<DryRunDifference> differences, DryRunDifference? difference)
    {
        if (difference is not null)
        {
            differences.Add(difference);
        }
    }

    private static DryRunDifference? Difference(string modelId, int version, long? position, DateTimeOffset time, GateDecision before, GateDecision after)
    {
        var (old, now) = (ById(before), ById(after));
        var rules = old.Keys.Union(now.Keys, StringComparer.Ordinal)
            .Select(id => (Id: id, Before: old.GetValueOrDefault(id), After: now.GetValueOrDefault(id)))
            .Where(r => r.Before?.Status != r.After?.Status || r.Before?.Threshold != r.After?.Threshold || r.Before?.Blocks != r.After?.Blocks)
            .Select(r => new RuleDifference(
                r.Id, r.Before?.Status, r.After?.Status, r.After?.Value ?? r.Before?.Value, r.Before?.Threshold, r.After?.Threshold, r.After?.Message))
            .ToList();
        return before.Status == after.Status && rules.Count == 0
            ? null
            : new DryRunDifference(modelId, version, after.Gate, position, time, before.Status, after.Status, rules);
    }

    private static Dictionary<string, RuleOutcome> ById(GateDecision decision) => decision.Rules.ToDictionary(r => r.Rule, StringComparer.Ordinal);
}
