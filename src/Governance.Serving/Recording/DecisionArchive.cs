using System.Text.Json;
using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Requests;
using Governance.Serving.Reviews;

namespace Governance.Serving.Recording;

/// <summary>A past request that had an id. Immutable.</summary>
/// <param name="Content">What it asked (<see cref="RequestIdentity.Content"/>).</param>
/// <param name="First">Index of its first row's entry.</param>
internal sealed record PastRequest(string Client, string Route, string Id, UInt128 Content, long First, int Rows, DateTimeOffset Time);

/// <summary>Reads past answers back from the inference log and its payloads. Thread-safe.</summary>
public sealed class DecisionArchive(LedgerReader log, PayloadStore payloads)
{
    internal long Size => log.Size;

    /// <summary>The decision recorded at an index; null when the entry there is not a decision.</summary>
    public InferenceEntry? Entry(long index) => Entry(log.Read(index));

    /// <summary>The act of a review recorded at an index.</summary>
    public ReviewEntry Review(long index) => GovernanceJson.Deserialize<ReviewEntry>(log.Read(index));

    /// <summary>What a person decided and why, from the first section that opens; null when nobody did, or everybody it is about was erased.</summary>
    public ReviewPayload? Outcome(ReviewEntry review) => (review.Sections ?? [])
        .Select((s, i) => s.Open(payloads, review.AssociatedData(i)))
        .Where(o => o.State == PayloadState.Opened)
        .Select(o => GovernanceJson.Deserialize<ReviewPayload>(o.Plaintext))
        .FirstOrDefault();

    /// <summary>The payload of a recorded decision: from the first person's section that opens, with the state of all of them.</summary>
    /// <returns><see cref="PayloadState.Opened"/> with a payload; any other state, of the first section, without. Partly: others were erased.</returns>
    public (PayloadState State, InferencePayload? Payload, bool Partly) Payload(InferenceEntry entry)
    {
        var sections = entry.Sections;
        var opened = sections.Select((s, i) => s.Open(payloads, entry.AssociatedData(i, sections.Count))).ToList();
        var first = opened.Find(o => o.State == PayloadState.Opened);
        return first.State != PayloadState.Opened || first.Plaintext is null
            ? (opened[0].State, null, false)
            : (PayloadState.Opened, GovernanceJson.Deserialize<InferencePayload>(first.Plaintext), opened.Exists(o => o.State != PayloadState.Opened));
    }

    /// <summary>The answer as it was given, with the entries it was given with; a refusal when its payload is no longer there.</summary>
    internal InferenceOutcome Answer(long first, int rows)
    {
        var (scores, decisions, leaves) = (new double[rows], new string[rows], new MerkleHash[rows]);
        var (explanations, waits, withheld) = (new RowExplanation?[rows], new bool[rows], false);
        InferenceEntry? entry = null;
        for (var row = 0; row < rows; row++)
        {
            var bytes = log.Read(first + row);
            entry = Entry(bytes)!;
            if (Payload(entry).Payload is not { } payload)
            {
                return new InferenceOutcome.Failed(
                    410, "request-erased", "The answer to this request was erased with its subject. Ask with a new id, if you may still ask.");
            }

            (scores[row], decisions[row], leaves[row], explanations[row]) = (payload.Score, payload.Decision, MerkleTree.LeafHash(bytes), payload.Explanation);
            waits[row] = entry.Review is not null;
            withheld |= entry.Status == InferenceEntry.Withheld;
        }

        return new InferenceOutcome.Answered(scores, decisions, Array.Exists(explanations, e => e is not null) ? explanations : null, first, leaves)
        {
            Reviews = Array.Exists(waits, w => w) ? waits : null,
            Withheld = withheld,
            Replayed = new ServedBy(entry!.Version, entry.Model, entry.Promotion),
        };
    }

    /// <summary>Requests with an id, recorded since an instant among the first <paramref name="size"/> entries, oldest first; at most the newest <paramref name="most"/> entries are looked at.</summary>
    internal IEnumerable<PastRequest> Requests(long size, DateTimeOffset since, int most)
    {
        var index = Math.Max(FirstSince(size, since), size - most);
        while (index < size)
        {
            var past = Entry(log.Read(index)) is { } entry && Payload(entry).Payload is { Retry: { } retry, Request: { } id }
                ? new PastRequest(entry.Client, entry.Route, id, RequestIdentity.Parse(retry.Content), index, retry.Rows, entry.Time)
                : null;
            index += past?.Rows ?? 1;
            if (past is not null)
            {
                yield return past;
            }
        }
    }

    /// <summary>How many of some sealed sections are of answers that were copied to a sink, by sink. Reads the whole log.</summary>
    public IReadOnlyDictionary<string, long> Exported(IReadOnlySet<string> sections, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var (size, export) = (log.Size, "\"export\":\""u8.ToArray());
        for (var index = 0L; index < size; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = log.Read(index);
            if (bytes.AsSpan().IndexOf(export) >= 0 && Entry(bytes) is { Export: { } sink } entry)
            {
                counts[sink] = counts.GetValueOrDefault(sink) + entry.Sections.Count(s => sections.Contains(s.KeyRef));
            }
        }

        return counts;
    }

    private long FirstSince(long size, DateTimeOffset since)
    {
        var (low, high) = (0L, size);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = TimeOf(middle) < since ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private DateTimeOffset TimeOf(long index)
    {
        using var entry = JsonDocument.Parse(log.Read(index));
        return entry.RootElement.GetProperty("time").GetDateTimeOffset();
    }

    private static InferenceEntry? Entry(byte[] bytes)
    {
        try
        {
            return GovernanceJson.Deserialize<InferenceEntry>(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
