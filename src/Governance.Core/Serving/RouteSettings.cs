namespace Governance.Core.Serving;

/// <summary>
/// How a route answers: what its owner set, with the canary and the stop that are in force. Folded from the governance log; a route nobody
/// configured has <see cref="Default"/>. Immutable.
/// </summary>
public sealed record RouteSettings
{
    /// <summary>Most versions a route mirrors to.</summary>
    public const int MostShadows = 4;

    public static RouteSettings Default { get; } = new();

    /// <summary>The route holds this version, which answers it: nothing is promoted over it and no canary starts. Null when it is free.</summary>
    public int? PinnedVersion { get; init; }

    /// <summary>A version that answers a part of the subjects; null when none does. Started and stopped by commands of its own.</summary>
    public RouteCanary? Canary { get; init; }

    /// <summary>Versions each answered request is mirrored to; they never answer. At most <see cref="MostShadows"/>.</summary>
    public IReadOnlyList<int> Shadows { get; init; } = [];

    /// <summary>The route answers nothing; null while it does. Set and lifted by commands of its own.</summary>
    public RouteStop? Stopped { get; init; }

    /// <summary>When an answer counts as recorded.</summary>
    public AuditMode Audit { get; init; }

    /// <summary>Which decisions need a person before they are final; null for none.</summary>
    public ReviewRule? Review { get; init; }

    /// <summary>When reasons accompany a decision; null for never.</summary>
    public ReasonRule? Reasons { get; init; }

    /// <summary>Whether callers may ask what would have turned an adverse decision; null when they may not.</summary>
    public CounterfactualRule? Counterfactuals { get; init; }

    /// <summary>Protected attributes whose groups live traffic is counted by, where the caller gives them; null for none. At most 4.</summary>
    public IReadOnlyList<GroupAttribute>? Groups { get; init; }

    /// <summary>Where copies of answered requests are sent; null for nowhere.</summary>
    public ExportRule? Export { get; init; }

    /// <summary>Name of a configured upstream that scores instead of the gateway; null for scoring in process.</summary>
    public string? Upstream { get; init; }

    /// <summary>What one caller and all callers together may ask; null for the gateway's own limits alone.</summary>
    public RouteLimits? Limits { get; init; }

    /// <summary>When the gateway takes a canary back on its own; null for never.</summary>
    public RollbackRule? Rollback { get; init; }

    /// <summary>What is computed beyond the one model; null for its score alone.</summary>
    public RoutePipeline? Pipeline { get; init; }
}

/// <summary>A version that answers a part of a route's subjects. Immutable.</summary>
/// <param name="Percent">Share of the subjects, 1 to 99.</param>
/// <param name="Salt">Key of the hash that assigns subjects: they keep their arm while the canary lasts, and a larger share keeps those already in it.</param>
/// <param name="Since">When it started, UTC.</param>
/// <param name="Decision">Position of its start in the governance log: every answer of it names it.</param>
public sealed record RouteCanary(int Version, int Percent, string Salt, DateTimeOffset Since, long Decision);

/// <summary>Who stopped a route, when and why. Immutable.</summary>
public sealed record RouteStop(string Reason, string Person, DateTimeOffset Since);

/// <summary>When an answer counts as recorded.</summary>
public enum AuditMode
{
    /// <summary>Its entry is on disk before it is given. The default.</summary>
    SyncDurable,

    /// <summary>Its entry is in a bounded buffer: a crash loses at most what the buffer holds.</summary>
    AsyncBounded,
}

/// <summary>Which decisions need a person.</summary>
public enum ReviewWhen
{
    Adverse,

    /// <summary>The score is nearer to the threshold than <see cref="ReviewRule.Width"/>.</summary>
    NearCutoff,
    All,
}

/// <param name="Width">For <see cref="ReviewWhen.NearCutoff"/>: distance from the threshold, above 0 and at most 0.5; null otherwise.</param>
/// <param name="Withhold">The caller is not told such a decision before a person looked at it; otherwise it is given as provisional.</param>
/// <param name="OnAlert">Only while an alert about the live traffic of the version that answers is open.</param>
public sealed record ReviewRule(ReviewWhen When, double? Width = null, bool Withhold = false, bool OnAlert = false);

/// <summary>When reasons accompany a decision.</summary>
public enum ReasonsWhen
{
    OnRequest,
    Adverse,
    Always,
}

/// <param name="Most">Most reasons for one decision, 1 to 10. Default 4, the number of Regulation B's commentary.</param>
public sealed record ReasonRule(ReasonsWhen When, int Most = 4);

/// <summary>That an adverse decision comes, when it is asked for, with the least change that would have turned it.</summary>
/// <param name="Most">Most features it may change together, 1 to 3. Default 3.</param>
public sealed record CounterfactualRule(int Most = 3);

/// <summary>A protected attribute that callers may give beside the features. It is never scored and never in the log. Immutable.</summary>
/// <param name="Name">1 to 64 characters.</param>
/// <param name="Levels">Its groups, 2 to 12, each 1 to 64 characters; the first is the one others are compared with.</param>
public sealed record GroupAttribute(string Name, IReadOnlyList<string> Levels);

/// <summary>That each answered request is copied to another system, with personal data in it: no erasure reaches the copy.</summary>
/// <param name="Sink">Name of a configured payload sink.</param>
/// <param name="Subjects">Whether the copy names the data subjects. Default false: features and outputs only.</param>
public sealed record ExportRule(string Sink, bool Subjects = false);

/// <summary>Bounds of a route, each null for none of its own. Immutable.</summary>
/// <param name="Rows">Most rows in one request, 1 to 100,000.</param>
/// <param name="RequestsPerSecond">Sustained requests of one caller in a second, 1 to 100,000; a burst of as many is let through.</param>
/// <param name="Concurrency">Requests answered at the same time, of all callers, 1 to 10,000.</param>
public sealed record RouteLimits(int? Rows = null, int? RequestsPerSecond = null, int? Concurrency = null);

/// <summary>Thresholds beyond which a canary is taken back, each null when it is not looked at. Immutable.</summary>
/// <param name="MinimumAnswers">Answers of the canary before anything is concluded, 1 to 1,000,000.</param>
/// <param name="FailureRate">Share of its requests that fail, above 0 and below 1.</param>
/// <param name="AdverseDifference">How much its share of adverse decisions may lie above the champion's, above 0 and below 1.</param>
/// <param name="P99Milliseconds">99th percentile of its time to answer, 1 to 60,000.</param>
public sealed record RollbackRule(int MinimumAnswers, double? FailureRate = null, double? AdverseDifference = null, int? P99Milliseconds = null);
