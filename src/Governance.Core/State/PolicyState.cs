using System.Collections.Immutable;
using Governance.Core.Events;

namespace Governance.Core.State;

/// <summary>The packs that were, are and will be in force, and those proposed. Immutable.</summary>
public sealed record PolicyState
{
    public static PolicyState Empty { get; } = new();

    /// <summary>Every release, in the order it was decided.</summary>
    public ImmutableList<PolicyRelease> Releases { get; init; } = [];

    public ImmutableSortedDictionary<string, ProposalState> Proposals { get; init; } = ImmutableSortedDictionary.Create<string, ProposalState>(StringComparer.Ordinal);

    /// <summary>The release in force at a time: the one with the latest date not after it, and of equal dates the one decided last. Null before the first.</summary>
    public PolicyRelease? At(DateTimeOffset time)
    {
        PolicyRelease? found = null;
        foreach (var release in Releases)
        {
            if (release.From <= time && (found is null || release.From >= found.From))
            {
                found = release;
            }
        }

        return found;
    }

    /// <summary>Releases that are decided and not yet in force, the next first.</summary>
    public IEnumerable<PolicyRelease> Scheduled(DateTimeOffset time) => Releases.Where(r => r.From > time).OrderBy(r => r.From);

    /// <summary>Where the files of a pack are kept, whenever it was in force; null when they are not.</summary>
    public Digest? Archive(Digest policy, Digest parameters) =>
        Releases.LastOrDefault(r => r.Policy == policy && r.Params == parameters && r.Archive is not null)?.Archive;

    internal PolicyState Publish(PolicyPublished e, RecordedEvent recorded) =>
        this with { Releases = Releases.Add(new PolicyRelease(e.Name, e.PackVersion, e.Policy, e.Params, null, recorded.Time, null, recorded.Position)) };

    internal PolicyState Install(PolicyInstalled e, RecordedEvent recorded) =>
        this with { Releases = Releases.Add(new PolicyRelease(e.Name, e.PackVersion, e.Policy, e.Params, e.Archive, recorded.Time, null, recorded.Position)) };

    internal PolicyState Propose(PolicyProposed e, RecordedEvent recorded) =>
        this with { Proposals = Proposals.SetItem(e.ProposalId, new ProposalState(e, recorded.Actor, recorded.Time, recorded.Position)) };

    internal PolicyState Approve(PolicyApproved e, RecordedEvent recorded)
    {
        var proposal = Proposals[e.ProposalId];
        var from = proposal.Proposed.EffectiveFrom is { } date && date > recorded.Time ? date : recorded.Time;
        var release = new PolicyRelease(
            proposal.Proposed.Name, proposal.Proposed.PackVersion, proposal.Proposed.Policy, proposal.Proposed.Params, proposal.Proposed.Archive, from, e.ProposalId, recorded.Position);
        return this with
        {
            Releases = Releases.Add(release),
            Proposals = Proposals.SetItem(e.ProposalId, proposal with { Approval = e, ApprovedAt = recorded.Time, From = from }),
        };
    }

    internal PolicyState Withdraw(PolicyWithdrawn e, RecordedEvent recorded) => this with
    {
        Releases = Releases.RemoveAll(r => r.Proposal == e.ProposalId && r.From > recorded.Time),
        Proposals = Proposals.SetItem(e.ProposalId, Proposals[e.ProposalId] with { Withdrawn = e, WithdrawnBy = recorded.Actor }),
    };
}

/// <summary>A pack and from when on it is in force. Immutable.</summary>
/// <param name="Archive">Its files in the artefact store; null for packs published before files were kept.</param>
/// <param name="Proposal">The proposal it came from; null for an installed one.</param>
/// <param name="Position">Entry of the governance log that decided it.</param>
public sealed record PolicyRelease(
    string Name, string PackVersion, Digest Policy, Digest Params, Digest? Archive, DateTimeOffset From, string? Proposal, long Position);

/// <summary>A proposed pack and what became of it. Immutable.</summary>
public sealed record ProposalState(PolicyProposed Proposed, string ProposedBy, DateTimeOffset ProposedAt, long Position)
{
    public PolicyApproved? Approval { get; init; }

    public DateTimeOffset? ApprovedAt { get; init; }

    /// <summary>From when on it is in force; null until approved.</summary>
    public DateTimeOffset? From { get; init; }

    public PolicyWithdrawn? Withdrawn { get; init; }

    public string? WithdrawnBy { get; init; }

    public string Id => Proposed.ProposalId;
}
