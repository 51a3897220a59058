using Governance.Core;
using Governance.Core.Identity;
using Governance.Ledger;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Routing;

namespace Governance.Serving;

/// <summary>
/// Answers a route: scores, decides, seals the payload of each row, appends its entry, and answers only when the group commit has reached
/// the disk (audit mode <c>sync-durable</c>). No durable record, no decision. Thread-safe.
/// </summary>
public sealed class InferenceService(ModelPool models, LedgerLog log, PayloadStore payloads, TimeProvider time, IRequestGuard guard)
{
    public async ValueTask<InferenceOutcome> InferAsync(
        InferenceCall call, RouteOutcome.Serves route, Caller client, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (guard.Check(call, route, client, now, cancellationToken) is { } refusal)
        {
            return await RefuseAsync(refusal, call, route, client, now, cancellationToken);
        }

        var submission = route.Version.Submission;
        var scores = new double[call.Rows];
        try
        {
            models.Get(route.Version).Score(call.Features.Span, scores, cancellationToken);
        }
        catch (Exception e) when (e is ModelOutputException or ModelRefusedException)
        {
            return new InferenceOutcome.Failed(503, "model-failed", e.Message);
        }

        var decisions = Array.ConvertAll(scores, s => Decisions.Of(s, submission.Threshold, submission.FavourablePrediction));
        try
        {
            var entries = Seal(call, route, client, scores, decisions);
            var result = await log.AppendAsync(entries, cancellationToken);
            return result.Status switch
            {
                AppendStatus.Committed => new InferenceOutcome.Answered(
                    scores, decisions, result.FirstIndex, [.. entries.Select(e => MerkleTree.LeafHash(e.Span).ToString())]),
                AppendStatus.Busy => new InferenceOutcome.Failed(503, "overloaded", "Too many answers wait to be recorded. Try again shortly."),
                _ => Unrecorded(),
            };
        }
        catch (Exception e) when (e is IOException or LedgerException or UnauthorizedAccessException)
        {
            return Unrecorded();
        }
    }

    private async ValueTask<InferenceOutcome> RefuseAsync(
        RequestRefusal refusal, InferenceCall call, RouteOutcome.Serves route, Caller client, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var entry = new RefusalEntry
        {
            Time = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
            Route = route.Route.Name,
            Version = route.Version.Number,
            Client = client.Subject,
            Promotion = route.Route.Decision,
            Rule = refusal.Rule,
            Policy = refusal.Policy,
            Rows = call.Rows,
        };
        try
        {
            var result = await log.AppendAsync([GovernanceJson.Serialize(entry)], cancellationToken);
            return result.IsCommitted ? new InferenceOutcome.Refused(refusal, result.FirstIndex) : Unrecorded();
        }
        catch (Exception e) when (e is IOException or LedgerException or UnauthorizedAccessException)
        {
            return Unrecorded();
        }
    }

    private static InferenceOutcome.Failed Unrecorded() =>
        new(503, "ledger-unavailable", "The answer could not be recorded, so none is given. An operator must look at the inference log.");

    private List<ReadOnlyMemory<byte>> Seal(InferenceCall call, RouteOutcome.Serves route, Caller client, double[] scores, string[] decisions)
    {
        var now = time.GetUtcNow();
        var width = call.Features.Length / call.Rows;
        var entries = new List<ReadOnlyMemory<byte>>(call.Rows);
        for (var row = 0; row < call.Rows; row++)
        {
            var subjects = call.SubjectsOf(row);
            var facts = new InferenceEntry
            {
                Type = subjects.Count == 1 ? InferenceEntry.EntryType : InferenceEntry.SharedEntryType,
                Time = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
                Route = route.Route.Name,
                Version = route.Version.Number,
                Model = route.Version.Submission.Artifact,
                Client = client.Subject,
                Promotion = route.Route.Decision,
                Status = "answered",
                KeyRef = "",
                CtHash = "",
                Commit = "",
            };
            var payload = new InferencePayload(
                subjects[0], call.Id, row, call.Features.Slice(row * width, width).ToArray(), scores[row],
                route.Version.Submission.Threshold, decisions[row]);
            var sections = subjects.Select((subject, i) => Seal(subject, payload, facts.AssociatedData(i, subjects.Count))).ToList();
            entries.Add(GovernanceJson.Serialize(facts with
            {
                KeyRef = sections[0].KeyRef,
                CtHash = sections[0].CtHash,
                Commit = sections[0].Commit,
                Others = sections.Count == 1 ? null : sections[1..],
            }));
        }

        return entries;
    }

    private SealedSection Seal(string subject, InferencePayload payload, byte[] associatedData)
    {
        var record = payloads.Seal(Subjects.Key(subject), GovernanceJson.Serialize(payload with { Subject = subject }), associatedData);
        return new SealedSection(record.KeyRef.ToString(), record.CiphertextHash.ToString(), record.Commitment.ToString());
    }
}
