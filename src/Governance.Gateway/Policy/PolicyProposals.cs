using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Policy.Gates;
using Governance.Policy.Life;
using Governance.Storage;

namespace Governance.Gateway.Policy;

/// <summary>
/// Reads candidates and says what they would change, before anybody is asked to approve them: type check, cost bounds, their own tests, the dry
/// run. Thread-safe.
/// </summary>
public sealed class PolicyProposals(Governor governor, IEventStore events, ArtifactStore artifacts, PackLibrary packs, PolicyInForce policy, TimeProvider time)
{
    private const int MostFaults = 50;

    /// <summary>A pack that may be proposed.</summary>
    public sealed record Candidate(PackArchive Archive, PolicyPack Pack, int Tests, double Coverage);

    /// <summary>The candidate, or everything that is wrong with it; exactly one is null.</summary>
    public async Task<(Candidate? Candidate, Refusal? Refusal)> ReadAsync(PolicyFiles files, CancellationToken cancellationToken)
    {
        var (archive, refusal) = Archive(files);
        return archive is null ? (null, refusal) : await Task.Run(() => Check(archive, cancellationToken), cancellationToken);
    }

    /// <summary>What a candidate would change.</summary>
    public async Task<DryRunReport> DryRunAsync(PolicyPack candidate, IProgress<DryRunProgress>? progress, CancellationToken cancellationToken)
    {
        var state = governor.State;
        var now = time.GetUtcNow();
        var gate = await policy.VerifiedGateAsync(cancellationToken);
        var live = state.Models.Values.SelectMany(m => m.Versions.Values).Where(v => v.Serves)
            .Select(v => new LiveVersion(
                v.ModelId, v.Number, now, GateInput.Build(state, v, GateNames.Promote, PromotionTarget.Champion, SystemCaller.Instance, now, gate)))
            .ToList();
        var past = new List<PastDecision>();
        await foreach (var recorded in events.ReadAsync(0, cancellationToken))
        {
            if (recorded.Event is GateDecided decided)
            {
                past.Add(new PastDecision(recorded.Position, recorded.Time, decided));
            }
        }

        past.Reverse();
        var current = policy.Pack;
        return await Task.Run(() => PolicyDryRun.Run(current, candidate, live, past, artifacts.Read, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Stores the candidate and its dry run, and gives the command that proposes it.</summary>
    public async Task<(ProposePolicy? Command, Refusal? Refusal)> PrepareAsync(ProposePolicyRequest request, CancellationToken cancellationToken)
    {
        var (candidate, refusal) = await ReadAsync(request.Pack, cancellationToken);
        if (candidate is null)
        {
            return (null, refusal);
        }

        var report = await DryRunAsync(candidate.Pack, progress: null, cancellationToken);
        var archive = await artifacts.PutAsync(candidate.Archive.Bytes, cancellationToken);
        var dryRun = await artifacts.PutAsync(GovernanceJson.Serialize(report), cancellationToken);
        var pack = candidate.Pack;
        return (new ProposePolicy(
            Guid.CreateVersion7().ToString("n"), pack.Name, pack.Version, pack.Digest, pack.ParamsDigest, archive, request.EffectiveFrom?.ToUniversalTime(),
            request.Comment, candidate.Tests, candidate.Coverage, dryRun), null);
    }

    public ProposalDetails Details(GovernanceState state, ProposalState proposal, bool complete)
    {
        var e = proposal.Proposed;
        return new ProposalDetails
        {
            Id = e.ProposalId,
            Status = Status(state, proposal),
            Name = e.Name,
            Version = e.PackVersion,
            Policy = e.Policy,
            Params = e.Params,
            Archive = e.Archive,
            EffectiveFrom = e.EffectiveFrom,
            From = proposal.From,
            Comment = e.Comment,
            Tests = e.Tests,
            Coverage = e.Coverage,
            ProposedBy = proposal.ProposedBy,
            ProposedAt = proposal.ProposedAt,
            ApprovedBy = proposal.Approval?.Person,
            ApprovedAt = proposal.ApprovedAt,
            ApprovalComment = proposal.Approval?.Comment,
            WithdrawnBy = proposal.WithdrawnBy,
            WithdrawalReason = proposal.Withdrawn?.Reason,
            DryRun = complete && artifacts.Read(e.DryRun) is { } report ? GovernanceJson.Deserialize<DryRunReport>(report) : null,
            LedgerIndex = proposal.Position,
        };
    }

    public PolicyDetails InForce()
    {
        var (release, pack) = (policy.Release, policy.Pack);
        return new PolicyDetails(
            pack.Name, pack.Version, pack.Digest, pack.ParamsDigest,
            [.. pack.Describe().Select(r => new PolicyRule(r.Id, r.Title, r.Severity.ToString().ToLowerInvariant(), r.Citation, r.Gates))],
            release.Archive, release.From, [.. governor.State.Policies.Scheduled(time.GetUtcNow()).Select(Details)]);
    }

    public PolicyReleaseDetails Details(PolicyRelease release) => new(
        release.Name, release.PackVersion, release.Policy, release.Params, release.Archive, release.From,
        governor.State.Policies.At(time.GetUtcNow()) == release, release.Proposal, release.Position);

    private ProposalStatus Status(GovernanceState state, ProposalState proposal)
    {
        var now = time.GetUtcNow();
        return proposal switch
        {
            { Withdrawn: not null } => ProposalStatus.Withdrawn,
            { From: null } => ProposalStatus.Proposed,
            { From: { } from } when from > now => ProposalStatus.Scheduled,
            _ => state.Policies.At(now)?.Proposal == proposal.Id ? ProposalStatus.InForce : ProposalStatus.Superseded,
        };
    }

    private (PackArchive? Archive, Refusal? Refusal) Archive(PolicyFiles files)
    {
        if ((files.Files is null) == (files.Archive is null))
        {
            return (null, Refusal.Invalid("invalid-policy", "Give the files of a pack, or the archive of an earlier release."));
        }

        if (files.Archive is { } digest)
        {
            return governor.State.Policies.Releases.Exists(r => r.Archive == digest) && packs.Open(digest) is { } earlier
                ? (earlier, null)
                : (null, Refusal.NotFound("archive-unknown", "No release has this archive. List them with GET /api/v1/policy/releases."));
        }

        try
        {
            return (PackArchive.Of(files.Files!, files.Tests ?? new Dictionary<string, string>()), null);
        }
        catch (FormatException e)
        {
            return (null, Refusal.Invalid("invalid-policy", e.Message));
        }
    }

    private static (Candidate? Candidate, Refusal? Refusal) Check(PackArchive archive, CancellationToken cancellationToken)
    {
        var load = archive.Load();
        if (load.Pack is not { } pack)
        {
            return (null, Refusal.Invalid("invalid-policy", "The pack has faults; nothing was proposed.") with { Faults = [.. load.Issues.Take(MostFaults).Select(i => i.ToString())] });
        }

        var report = archive.Test(pack, cancellationToken);
        if (report.Results.Count == 0)
        {
            return (null, Refusal.Invalid("policy-untested", "A pack brings tests: folders with input.yaml and expected.yaml below tests."));
        }

        var failed = report.Results.Where(r => !r.Passed).Take(MostFaults).Select(r => $"{r.Name}: {string.Join("; ", r.Faults)}").ToList();
        return failed.Count > 0
            ? (null, Refusal.Invalid("policy-tests-failed", "Tests of the pack fail; nothing was proposed.") with { Faults = failed })
            : (new Candidate(archive, pack, report.Results.Count, report.Coverage.Share), null);
    }
}
