using System.Text.Json;
using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Recording;

namespace Governance.Serving.Reviews;

/// <summary>
/// Which decisions wait for a person, and how the others ended: a fold of the inference log, so that it outlives a restart. An entry folded twice counts
/// once. Thread-safe.
/// </summary>
public sealed class ReviewBook
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, ReviewState> open = [];
    private readonly Dictionary<long, long> ended = [];
    private readonly Dictionary<(string Route, int Version), (long Confirmed, long Overridden)> figures = [];

    private ReviewBook(ReviewSnapshot snapshot)
    {
        open = new SortedDictionary<long, ReviewState>(snapshot.Open.ToDictionary(s => s.Decision));
        ended = snapshot.Ended.ToDictionary(e => e[0], e => e[1]);
        figures = snapshot.Figures.ToDictionary(f => (f.Route, f.Version), f => (f.Confirmed, f.Overridden));
    }

    /// <summary>Entries of the log that were folded when the book was read.</summary>
    public long ReadUpTo { get; private init; }

    /// <summary>Decisions that wait.</summary>
    public int OpenCount
    {
        get
        {
            lock (gate)
            {
                return open.Count;
            }
        }
    }

    /// <summary>The book as the log has it.</summary>
    /// <param name="snapshot">Where an earlier one was left; null to read from the first entry.</param>
    public static ReviewBook Read(LedgerReader log, ReviewSnapshot? snapshot)
    {
        var known = snapshot is not null && snapshot.Next <= log.Size ? snapshot : null;
        var (from, size) = (known?.Next ?? 0, log.Size);
        var book = new ReviewBook(known ?? new ReviewSnapshot(0, [], [], [])) { ReadUpTo = size };
        foreach (var entry in log.ReadFrom(from, size - from))
        {
            book.Fold(entry.Index, entry.Bytes.Span);
        }

        return book;
    }

    /// <summary>A decision was recorded that waits for a person.</summary>
    public void Open(ReviewState review)
    {
        lock (gate)
        {
            if (!ended.ContainsKey(review.Decision))
            {
                open.TryAdd(review.Decision, review);
            }
        }
    }

    /// <summary>An act was recorded at an index.</summary>
    public void Apply(long index, ReviewEntry entry)
    {
        lock (gate)
        {
            if (!open.TryGetValue(entry.Decision, out var review))
            {
                return;
            }

            if (entry.Act is ReviewAct.Claimed or ReviewAct.Released)
            {
                open[entry.Decision] = review with { Person = entry.Act == ReviewAct.Claimed ? entry.Person : null, Until = entry.Until };
                return;
            }

            open.Remove(entry.Decision);
            ended[entry.Decision] = index;
            var (confirmed, overridden) = figures.GetValueOrDefault((review.Route, review.Version));
            figures[(review.Route, review.Version)] = entry.Act switch
            {
                ReviewAct.Confirmed => (confirmed + 1, overridden),
                ReviewAct.Overridden => (confirmed, overridden + 1),
                _ => (confirmed, overridden),
            };
        }
    }

    /// <summary>The open review of a decision; null when it has none.</summary>
    public ReviewState? Find(long decision)
    {
        lock (gate)
        {
            return open.GetValueOrDefault(decision);
        }
    }

    /// <summary>Index of the entry that ended the review of a decision; null when none did.</summary>
    public long? EndOf(long decision)
    {
        lock (gate)
        {
            return ended.TryGetValue(decision, out var index) ? index : null;
        }
    }

    /// <summary>What waits, longest first.</summary>
    public IReadOnlyList<ReviewState> All()
    {
        lock (gate)
        {
            return [.. open.Values];
        }
    }

    /// <summary>By route and version, those that had a review.</summary>
    public IReadOnlyList<ReviewFigures> Figures()
    {
        lock (gate)
        {
            var waiting = open.Values.CountBy(r => (r.Route, r.Version)).ToDictionary();
            return
            [
                .. figures.Keys.Union(waiting.Keys).Order().Select(k => new ReviewFigures(
                    k.Route, k.Version, waiting.GetValueOrDefault(k), figures.GetValueOrDefault(k).Confirmed, figures.GetValueOrDefault(k).Overridden)),
            ];
        }
    }

    /// <param name="next">Every entry before it was folded.</param>
    public ReviewSnapshot Snapshot(long next)
    {
        lock (gate)
        {
            return new ReviewSnapshot(
                next, [.. open.Values], [.. ended.Select(e => new[] { e.Key, e.Value })],
                [.. figures.Select(f => new ReviewFigures(f.Key.Route, f.Key.Version, 0, f.Value.Confirmed, f.Value.Overridden))]);
        }
    }

    private void Fold(long index, ReadOnlySpan<byte> bytes)
    {
        // Most entries have nothing to do with reviews: they are not parsed.
        if (bytes.IndexOf("\"review"u8) < 0)
        {
            return;
        }

        using var document = JsonDocument.Parse(bytes.ToArray());
        switch (document.RootElement.GetProperty("type").GetString())
        {
            case ReviewEntry.EntryType:
                Apply(index, GovernanceJson.Deserialize<ReviewEntry>(bytes));
                break;
            case InferenceEntry.EntryType or InferenceEntry.SharedEntryType:
                var entry = GovernanceJson.Deserialize<InferenceEntry>(bytes);
                if (entry.Review is not null)
                {
                    Open(entry.ReviewAt(index));
                }

                break;
        }
    }
}

/// <summary>A review book at rest: what was folded from the entries before <paramref name="Next"/>. Immutable; losing it loses nothing, for the log has it.</summary>
/// <param name="Ended">Index of each decision whose review ended, and of the entry that ended it.</param>
public sealed record ReviewSnapshot(long Next, IReadOnlyList<ReviewState> Open, IReadOnlyList<long[]> Ended, IReadOnlyList<ReviewFigures> Figures);
