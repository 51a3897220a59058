using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Gateway.Policy;
using Governance.Gateway.Runs;

namespace Governance.Gateway.Api;

/// <summary>State as the API shows it. Pure but for looking up evidence summaries and running checks.</summary>
public sealed class Views(EvidenceSource evidence, RunProgressBoard runs, PolicyInForce policy, DecisionSource decisions)
{
    public static ModelSummary Summary(ModelState model) => new(
        model.Id, model.Registration.Name, model.Registration.Use, model.Registration.Tier, model.TierConfirmed, model.Registration.Owner,
        model.Versions.Count, model.Champion?.Number, model.Versions.Count == 0 ? null : model.Versions.Values.Last().Status);

    public static ModelDetails Details(ModelState model) => new(
        model.Registration, model.TierConfirmed, model.RegisteredBy, model.RegisteredAt, model.Champion?.Number,
        [.. model.Versions.Values.Reverse().Select(v => new VersionSummary(
            v.Number, v.Status, v.Submission.Artifact, v.Submission.Description, v.SubmittedBy, v.SubmittedAt, v.Evidence.Count,
            v.LastGate?.Status))]);

    public VersionDetails Details(GovernanceState state, VersionState version)
    {
        var valid = version.ValidSignOffs(state, policy.Digest).ToHashSet();
        return new VersionDetails
        {
            ModelId = version.ModelId,
            Submission = version.Submission,
            Status = version.Status,
            StatusReason = version.StatusReason,
            SubmittedBy = version.SubmittedBy,
            SubmittedAt = version.SubmittedAt,
            Binding = version.Binding(state, policy.Digest),
            Evidence = [.. version.Evidence.Values.Select(e => new EvidenceSummary(
                e.Check, e.Family, e.Envelope, e.Result, evidence.Get(e.Envelope)?.Result.Summary ?? "The evidence cannot be read or verified.", e.Time, e.Position,
                version.Reproductions.TryGetValue(e.Envelope, out var again) ? new ReproductionSummary(again.Same, again.Engine, again.Platform, again.Time) : null))],
            SignOffs = [.. version.SignOffs.Select(s => new SignOffDetails(
                s.Person, s.PersonName, s.Role, s.Line, s.Meaning, s.Comment, s.Time, valid.Contains(s), s.Position))],
            Runs = [.. version.Runs.Select(r => Run(version, r))],
            Documents = [.. version.Documents.Values.Select(d => new DocumentDetails(
                d.Kind, d.Title, d.File, d.Expires, d.AttachedBy, d.Role, d.Time, d.Covers, d.Position))],
            LastGate = version.LastGate is { } gate ? decisions.Get(gate) : null,
        };
    }

    /// <summary>A run as the ledger knows it, with the progress board's live detail while it runs.</summary>
    public RunDetails Run(VersionState version, RunState run)
    {
        if (run.Finished is null && runs.Find(run.Id) is { } live)
        {
            return live;
        }

        var notes = run.Finished is { } finished
            ? finished.NotApplicable.Select(n => (n, RunCheckStatus.NotApplicable)).Concat(finished.Failed.Select(n => (n, RunCheckStatus.Failed)))
                .ToDictionary(p => p.n.Check, p => (Status: p.Item2, p.n.Reason), StringComparer.Ordinal)
            : [];
        return new RunDetails
        {
            Id = run.Id,
            ModelId = version.ModelId,
            Version = version.Number,
            Status = run switch
            {
                { Finished: null } => RunStatus.Interrupted,
                { Finished.Expired: not null } => RunStatus.Expired,
                { CancelledBy: not null, Finished.Failed.Count: > 0 } => RunStatus.Cancelled,
                { Finished.Failed.Count: > 0 } => RunStatus.Failed,
                _ => RunStatus.Succeeded,
            },
            Seed = run.Seed,
            Settings = run.Settings,
            StartedAt = run.StartedAt,
            FinishedAt = run.FinishedAt,
            Options = run.Options.OrNull(),
            ShardSeconds = run.Finished?.ShardSeconds,
            Checks = [.. run.Checks.Select(c => notes.TryGetValue(c, out var note)
                ? new RunCheck(c, note.Status, 1, note.Reason)
                : new RunCheck(c, run.Finished is null ? RunCheckStatus.Waiting : RunCheckStatus.Recorded, run.Finished is null ? 0 : 1,
                    version.Evidence.TryGetValue(c, out var e) ? evidence.Get(e.Envelope)?.Result.Summary : null))],
        };
    }

    public static ErasureDetails Details(ErasureState erasure) => new()
    {
        Id = erasure.Id,
        Status = erasure.Executed is not null ? ErasureStatus.Executed
            : erasure.Approvals.Count >= Core.Commands.StartErasure.ApprovalsNeeded ? ErasureStatus.Approved : ErasureStatus.Requested,
        Ground = erasure.Request.Ground,
        SubjectReference = erasure.Request.SubjectReference,
        RequestedBy = erasure.RequestedBy,
        RequestedAt = erasure.RequestedAt,
        Approvals = [.. erasure.Approvals.Select(a => new ErasureApprovalDetails(a.Person, a.PersonName, a.Role, a.Time, a.Position))],
        ExecutedAt = erasure.ExecutedAt,
        Records = erasure.Executed?.Records,
        DestroyedRoot = erasure.Executed?.DestroyedRoot,
        LedgerIndex = erasure.ExecutedPosition,
        FinalAt = erasure.FinalisedAt,
    };
}
