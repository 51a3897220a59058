using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Requests;
using Governance.Serving.Protocol;

namespace Governance.Serving.Recording;

/// <summary>Makes the entries of an answer: seals the payload of each row under the key of each person it is about. Thread-safe.</summary>
internal sealed class AnswerSealer(PayloadStore payloads)
{
    /// <summary>One entry for each row, in the order of rows.</summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    public List<ReadOnlyMemory<byte>> Seal(in ScoredCall answer, DateTimeOffset now)
    {
        var entries = new List<ReadOnlyMemory<byte>>(answer.Call.Rows);
        for (var row = 0; row < answer.Call.Rows; row++)
        {
            entries.Add(Entry(answer, row, now));
        }

        return entries;
    }

    private byte[] Entry(in ScoredCall answer, int row, DateTimeOffset now)
    {
        var (call, route) = (answer.Call, answer.Route);
        var subjects = call.SubjectsOf(row);
        var width = call.Features.Length / call.Rows;
        var waits = answer.Reviews?[row] ?? false;
        var facts = new InferenceEntry
        {
            Type = answer.IsShadow ? InferenceEntry.ShadowEntryType : subjects.Count == 1 ? InferenceEntry.EntryType : InferenceEntry.SharedEntryType,
            Time = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
            Route = route.Route.Name,
            Version = route.Version.Number,
            Model = route.Version.Submission.Artifact,
            Client = answer.Client.Subject,
            Promotion = route.Route.Decision,
            Status = answer.IsShadow ? InferenceEntry.Shadowed
                : waits && answer.Route.Settings.Review!.Withhold ? InferenceEntry.Withheld
                : InferenceEntry.Answered,
            Review = waits ? InferenceEntry.ReviewPending : null,
            Upstream = route.Settings.Upstream,
            KeyRef = "",
            CtHash = "",
            Commit = "",
        };
        var payload = new InferencePayload(
            subjects[0], call.Id, row, call.Features.Slice(row * width, width).ToArray(), answer.Scores.Span[row],
            route.Version.Submission.Threshold, answer.Decisions.Span[row])
        {
            Retry = row == 0 && call.Id is not null ? new RequestRetry(RequestIdentity.Text(RequestIdentity.Content(call)), call.Rows) : null,
            Explanation = answer.Explanations?[row],
        };
        var sections = subjects.Select((subject, i) => Section(subject, payload, facts.AssociatedData(i, subjects.Count))).ToList();
        return GovernanceJson.Serialize(facts with
        {
            KeyRef = sections[0].KeyRef,
            CtHash = sections[0].CtHash,
            Commit = sections[0].Commit,
            Others = sections.Count == 1 ? null : sections[1..],
        });
    }

    private SealedSection Section(string subject, InferencePayload payload, byte[] associatedData) =>
        SealedSection.Of(payloads, subject, GovernanceJson.Serialize(payload with { Subject = subject }), associatedData);
}
