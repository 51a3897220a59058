using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Requests;
using Governance.Serving.Protocol;

namespace Governance.Serving.Recording;

/// <summary>Makes the entries of an answer: seals the payload of each row under the key of each person it is about. Thread-safe.</summary>
internal sealed class AnswerSealer(PayloadStore payloads)
{
    /// <summary>Rows that one processor seals by itself: about half a millisecond of work.</summary>
    private const int RowsAtOnce = 128;

    [ThreadStatic]
    private static (InferenceEntry Facts, byte[] Bytes) last;

    /// <summary>One entry for each row, in the order of rows. A batch is shared among the processors.</summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    public ReadOnlyMemory<byte>[] Seal(in ScoredCall answer, DateTimeOffset now)
    {
        var entries = new ReadOnlyMemory<byte>[answer.Call.Rows];
        if (entries.Length < 2 * RowsAtOnce)
        {
            Seal(answer, 0, entries, now);
        }
        else
        {
            SealTogether(answer, entries, now);
        }

        return entries;
    }

    private void SealTogether(ScoredCall answer, ReadOnlyMemory<byte>[] entries, DateTimeOffset now)
    {
        try
        {
            Parallel.ForEach(
                Partitioner.Create(0, entries.Length, RowsAtOnce),
                rows => Seal(answer, rows.Item1, entries.AsSpan(rows.Item1..rows.Item2), now));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <param name="first">Row of the first of the entries.</param>
    private void Seal(in ScoredCall answer, int first, Span<ReadOnlyMemory<byte>> entries, DateTimeOffset now)
    {
        var pipeline = answer.Route.Settings.Pipeline?.ComputeDigest();
        // Rows about one person differ, in what their sections are bound to, by nothing but whether they wait for a review.
        var (plain, waiting) = (default(byte[]), default(byte[]));
        for (var i = 0; i < entries.Length; i++)
        {
            var row = first + i;
            var waits = answer.Reviews?[row] ?? false;
            if (answer.Call.CoSubjects.ContainsKey(row))
            {
                entries[i] = SharedEntry(answer, row, waits, pipeline, now);
                continue;
            }

            ref var bound = ref waits ? ref waiting : ref plain;
            bound ??= Bound(Facts(answer, InferenceEntry.EntryType, waits, pipeline, now));
            entries[i] = EntryWriter.Entry(bound, Section(answer, answer.Call.Subjects[row], row, bound));
        }
    }

    /// <summary>What a single section is bound to. Within a second, requests of one application to one route differ in nothing of it.</summary>
    private static byte[] Bound(InferenceEntry facts)
    {
        if (last.Facts != facts)
        {
            last = (facts, facts.AssociatedData(0, 1));
        }

        return last.Bytes;
    }

    private byte[] SharedEntry(in ScoredCall answer, int row, bool waits, Digest? pipeline, DateTimeOffset now)
    {
        var facts = Facts(answer, InferenceEntry.SharedEntryType, waits, pipeline, now);
        var subjects = answer.Call.SubjectsOf(row);
        var sections = new SealedSection[subjects.Count];
        for (var i = 0; i < sections.Length; i++)
        {
            sections[i] = SealedSection.Of(Section(answer, subjects[i], row, facts.AssociatedData(i, sections.Length)));
        }

        return GovernanceJson.Serialize(facts with
        {
            KeyRef = sections[0].KeyRef,
            CtHash = sections[0].CtHash,
            Commit = sections[0].Commit,
            Others = sections[1..],
        });
    }

    private SealedRecord Section(in ScoredCall answer, string subject, int row, ReadOnlySpan<byte> associatedData)
    {
        var call = answer.Call;
        var width = call.Features.Length / call.Rows;
        var payload = new InferencePayload(
            subject, call.Id, row, [], answer.Scores.Span[row], answer.Route.Version.Submission.Threshold, answer.Decisions.Span[row])
        {
            Retry = row == 0 && call.Id is not null ? new RequestRetry(RequestIdentity.Text(RequestIdentity.Content(call)), call.Rows) : null,
            Groups = call.Groups?.Of(row),
            Explanation = answer.Explanations?[row],
        };
        return payloads.Seal(Subjects.Key(subject), EntryWriter.Payload(payload, call.Features.Span.Slice(row * width, width)), associatedData);
    }

    private static InferenceEntry Facts(in ScoredCall answer, string type, bool waits, Digest? pipeline, DateTimeOffset now) => new()
    {
        Type = answer.IsShadow ? InferenceEntry.ShadowEntryType : type,
        Time = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
        Route = answer.Route.Route.Name,
        Version = answer.Route.Version.Number,
        Model = answer.Route.Version.Submission.Artifact,
        Client = answer.Client.Subject,
        Promotion = answer.Route.Route.Decision,
        Status = answer.IsShadow ? InferenceEntry.Shadowed
            : waits && answer.Route.Settings.Review!.Withhold ? InferenceEntry.Withheld
            : InferenceEntry.Answered,
        Review = waits ? InferenceEntry.ReviewPending : null,
        Upstream = answer.Route.Settings.Upstream,
        Pipeline = pipeline,
        Export = answer.IsShadow ? null : answer.Route.Settings.Export?.Sink,
        KeyRef = "",
        CtHash = "",
        Commit = "",
    };
}
