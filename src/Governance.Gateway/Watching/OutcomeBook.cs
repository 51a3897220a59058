using System.Runtime.InteropServices;
using System.Text.Json;
using Governance.Core;
using Governance.Core.Serving;
using Governance.Gateway.Hosting;
using Governance.Ledger;
using Governance.Serving.Recording;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>
/// What became of past decisions, joined by their index in the inference log. On disk is the index and the label; the score is read from the sealed
/// payload when an outcome arrives and at start, so an erased decision is no longer counted after the next start. Thread-safe.
/// </summary>
internal sealed class OutcomeBook(DataFolder data, DecisionArchive decisions, LedgerReader log)
{
    /// <summary>Outcomes kept of a version, the latest reported.</summary>
    public const int MostKept = 200_000;

    private readonly Lock gate = new();
    private Dictionary<long, int>? labels;
    private readonly Dictionary<(string Route, int Version), Newest<long, Joined>> known = [];

    private string File => Path.Combine(WatchFiles.Folder(data), "outcomes.jsonl");

    /// <summary>Takes outcomes of a route. Reporting one again changes nothing; another label corrects it.</summary>
    /// <returns>Indices that are no decision of the route, or whose payload was erased.</returns>
    public OutcomeReceipt Report(string route, IReadOnlyList<Outcome> reported)
    {
        lock (gate)
        {
            var before = Labels();
            var (joined, repeated, unknown) = (new List<Joined>(), 0, new List<long>());
            foreach (var outcome in reported)
            {
                if (Find(outcome) is not { } found || found.Route != route)
                {
                    unknown.Add(outcome.Decision);
                }
                else if (before.TryGetValue(outcome.Decision, out var label) && label == outcome.Label)
                {
                    repeated++;
                }
                else
                {
                    joined.Add(found);
                }
            }

            Append(joined);
            foreach (var found in joined)
            {
                before[found.Outcome.Decision] = found.Outcome.Label;
                Count(found);
            }

            return new OutcomeReceipt(joined.Count, repeated, unknown);
        }
    }

    public OutcomeFigures Figures(string route, int version)
    {
        lock (gate)
        {
            Labels();
            var joined = known.GetValueOrDefault((route, version))?.Values.ToArray() ?? [];
            return OutcomeFigures.Of([.. joined.Select(j => j.Score)], [.. joined.Select(j => (double)j.Outcome.Label)]);
        }
    }

    /// <summary>The same by protected group, of those decisions whose caller gave it.</summary>
    public IReadOnlyList<GroupOutcome> Groups(string route, int version, IReadOnlyList<GroupAttribute> attributes)
    {
        lock (gate)
        {
            Labels();
            return GroupFigures.Of(attributes, [.. (known.GetValueOrDefault((route, version))?.Values ?? Enumerable.Empty<Joined>())
                .Where(j => j.Groups is not null).Select(j => new LabelledDecision(j.Groups!, j.Predicted, j.Outcome.Label == 1))]);
        }
    }

    /// <summary>Null for what is no decision, or was erased.</summary>
    private Joined? Find(Outcome outcome) =>
        outcome.Decision >= 0 && outcome.Decision < log.Size && decisions.Entry(outcome.Decision) is { } entry && decisions.Payload(entry).Payload is { } payload
            ? new Joined(outcome, entry.Route, entry.Version, payload.Score, payload.Score >= payload.Threshold, payload.Groups)
            : null;

    private void Count(Joined found)
    {
        ref var counted = ref CollectionsMarshal.GetValueRefOrAddDefault(known, (found.Route, found.Version), out _);
        counted ??= new Newest<long, Joined>(MostKept);
        counted.Set(found.Outcome.Decision, found);
    }

    private Dictionary<long, int> Labels()
    {
        if (labels is not null)
        {
            return labels;
        }

        labels = [];
        foreach (var line in System.IO.File.Exists(File) ? System.IO.File.ReadLines(File) : [])
        {
            try
            {
                var outcome = GovernanceJson.Deserialize<Outcome>(System.Text.Encoding.UTF8.GetBytes(line));
                labels[outcome.Decision] = outcome.Label;
            }
            catch (JsonException)
            {
                // A line that a crash cut short: it was not acknowledged.
            }
        }

        foreach (var (decision, label) in labels)
        {
            if (Find(new Outcome(decision, label)) is { } found)
            {
                Count(found);
            }
        }

        return labels;
    }

    private void Append(List<Joined> added)
    {
        if (added.Count == 0)
        {
            return;
        }

        using var stream = new FileStream(File, FileMode.Append, FileAccess.Write, FileShare.Read);
        // A line feed first ends what a crash may have cut short.
        stream.Write("\n"u8);
        foreach (var found in added)
        {
            stream.Write(GovernanceJson.Serialize(found.Outcome));
            stream.Write("\n"u8);
        }

        stream.Flush(flushToDisk: true);
    }

    private sealed record Joined(Outcome Outcome, string Route, int Version, double Score, bool Predicted, IReadOnlyDictionary<string, string>? Groups);
}

/// <param name="Decision">Index of the decision in the inference log: <c>audit_index</c> of the answer, plus the row.</param>
/// <param name="Label">0 or 1: what the score foretold.</param>
internal sealed record Outcome(long Decision, int Label);

/// <param name="Unknown">Indices that could not be joined.</param>
internal sealed record OutcomeReceipt(int Accepted, int Repeated, IReadOnlyList<long> Unknown);
