using System.Collections.Immutable;
using Governance.Core.Events;
using Governance.Core.Inventory;

namespace Governance.Core.State;

/// <summary>A waiver and who agreed to it. Immutable; whether it counts is a question about an instant (<see cref="At"/>).</summary>
public sealed record WaiverState
{
    public required WaiverRequested Request { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Position of the request in the governance log.</summary>
    public required long Position { get; init; }

    public ImmutableList<WaiverApproval> Approvals { get; init; } = [];

    /// <summary>All approvals its level needs are there.</summary>
    public bool Approved { get; init; }

    /// <summary>Who denied it, and why; null when nobody did.</summary>
    public WaiverEnding? Denied { get; init; }

    /// <summary>Who took it back, and why; null when nobody did.</summary>
    public WaiverEnding? Revoked { get; init; }

    /// <summary>By when an approved emergency waiver must be reviewed; null for others.</summary>
    public DateTimeOffset? ReviewDue { get; init; }

    /// <summary>The review that upheld it; null when there was none.</summary>
    public WaiverEnding? Reviewed { get; init; }

    /// <summary>Why it stopped counting, as last recorded; null when nothing was.</summary>
    public WaiverStatus? Lapse { get; init; }

    public string Id => Request.WaiverId;

    /// <summary>Where it stands at an instant; counts only when <see cref="WaiverStatus.Active"/>.</summary>
    /// <param name="now">UTC; it counts up to, not including, its expiry.</param>
    /// <param name="content">What the version is now (<see cref="VersionState.Content"/> of the request's checks).</param>
    public WaiverStatus At(DateTimeOffset now, Digest content) =>
        Denied is not null ? WaiverStatus.Denied
        : Revoked is not null ? WaiverStatus.Revoked
        : now >= Request.Expires ? WaiverStatus.Expired
        : content != Request.Covers ? WaiverStatus.Void
        : !Approved ? WaiverStatus.Requested
        : Reviewed is null && now >= ReviewDue ? WaiverStatus.Unreviewed
        : WaiverStatus.Active;

    /// <summary>Whether another waiver is about the same rule, version and environment.</summary>
    public bool IsAbout(int version, string rule, PromotionTarget target) =>
        Request.Version == version && Request.Rule == rule && Request.Target == target;

    internal static WaiverState Create(WaiverRequested e, RecordedEvent recorded) =>
        new() { Request = e, RequestedBy = recorded.Actor, RequestedAt = recorded.Time, Position = recorded.Position };

    internal WaiverState Approve(WaiverApproved e, RecordedEvent recorded) => this with
    {
        Approvals = Approvals.Add(new WaiverApproval(e.Person, e.PersonName, e.Role, e.Line, e.Comment, recorded.Time, recorded.Position)),
        Approved = e.Complete,
        ReviewDue = e.ReviewDue,
    };

    internal WaiverState Review(WaiverReviewed e, RecordedEvent recorded)
    {
        var ending = new WaiverEnding(e.Person, e.PersonName, e.Comment, recorded.Time, recorded.Position);
        return e.Upheld ? this with { Reviewed = ending } : this with { Revoked = ending };
    }
}

public sealed record WaiverApproval(string Person, string PersonName, string Role, int Line, string Comment, DateTimeOffset Time, long Position);

/// <summary>What ended a waiver, or confirmed it after the fact.</summary>
public sealed record WaiverEnding(string Person, string PersonName, string Reason, DateTimeOffset Time, long Position);
