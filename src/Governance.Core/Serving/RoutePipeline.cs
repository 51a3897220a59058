using System.Runtime.CompilerServices;

namespace Governance.Core.Serving;

/// <summary>
/// What a route computes beyond one model: columns made ready, other models asked beside the version that answers, their scores made one, and that
/// one calibrated. Declared as a whole by the route's owner; nothing in it is learnt while serving. Immutable.
/// </summary>
public sealed record RoutePipeline
{
    /// <summary>Most members beside the version that answers.</summary>
    public const int MostMembers = 8;

    /// <summary>Most steps ahead of scoring, one for a feature.</summary>
    public const int MostFeatures = 512;

    /// <summary>Most steps after scoring.</summary>
    public const int MostPost = 8;

    /// <summary>Most breakpoints of an isotonic step.</summary>
    public const int MostPoints = 256;

    private static readonly ConditionalWeakTable<RoutePipeline, StrongBox<Digest>> Digests = [];

    /// <summary>What is done to columns ahead of scoring, for all members alike; at most one step for a feature. Others are scored as they were sent.</summary>
    public IReadOnlyList<FeatureStep> Pre { get; init; } = [];

    /// <summary>Who scores beside the version that answers the route, which is always the first and is not named here.</summary>
    public IReadOnlyList<PipelineMember> Members { get; init; } = [];

    /// <summary>How the members' scores become one; null for the mean.</summary>
    public Ensemble? Ensemble { get; init; }

    /// <summary>What is done to the one score, in this order.</summary>
    public IReadOnlyList<PostStep> Post { get; init; } = [];

    /// <summary>SHA-256 of its canonical JSON: what each answer's entry names it by. Computed once for an object.</summary>
    public Digest ComputeDigest() => Digests.GetValue(this, static p => new StrongBox<Digest>(Digest.Of(GovernanceJson.Serialize(p)))).Value;
}

/// <summary>What is done to one feature of a row, in this order: impute, clip, scale. Each null when it is not done. Immutable.</summary>
/// <param name="Feature">A feature of the version that answers.</param>
public sealed record FeatureStep(string Feature, Impute? Impute = null, Bounds? Clip = null, Scaling? Scale = null);

/// <summary>Requests hold no absent values, so one value stands for them.</summary>
/// <param name="Missing">The value that means absent, as FP32 compares it.</param>
/// <param name="Value">What takes its place.</param>
public sealed record Impute(double Missing, double Value);

/// <summary>A closed range.</summary>
public sealed record Bounds(double Low, double High);

/// <summary>The standard score: less the mean, divided by the standard deviation.</summary>
/// <param name="Sd">Above 0.</param>
public sealed record Scaling(double Mean, double Sd);

/// <summary>Who scores beside the version that answers: a version that answers its own route, or an upstream. Exactly one of the two. Immutable.</summary>
/// <param name="Model">Id of the model; with <paramref name="Version"/>.</param>
/// <param name="Version">The version, which must be the one that is promoted.</param>
/// <param name="Upstream">Name of an upstream, which is asked for the version that answers this route.</param>
public sealed record PipelineMember(string? Model = null, int? Version = null, string? Upstream = null);

/// <summary>How several scores become one.</summary>
public enum EnsembleKind
{
    /// <summary>Their arithmetic mean.</summary>
    Mean,

    /// <summary>Their mean by <see cref="Ensemble.Weights"/>, divided by the sum of those.</summary>
    Weighted,

    /// <summary>The share of members whose score is at or above theirs of <see cref="Ensemble.Thresholds"/>.</summary>
    Majority,
}

/// <param name="Weights">For <see cref="EnsembleKind.Weighted"/>: one for each member, the version that answers first; 0 or more, not all 0. Null otherwise.</param>
/// <param name="Thresholds">For <see cref="EnsembleKind.Majority"/>: one for each member, the version that answers first; 0 to 1. Null otherwise.</param>
public sealed record Ensemble(EnsembleKind Kind, IReadOnlyList<double>? Weights = null, IReadOnlyList<double>? Thresholds = null);

/// <summary>One thing done to a score; exactly one of the three. All keep the order of scores. Immutable.</summary>
public sealed record PostStep(Platt? Platt = null, Isotonic? Isotonic = null, Bounds? Clamp = null);

/// <summary>The sigmoid 1 / (1 + exp(a s + b)). Platt, "Probabilistic outputs for support vector machines", 1999.</summary>
/// <param name="A">Below 0, so that the order of scores stays.</param>
public sealed record Platt(double A, double B);

/// <summary>Linear between breakpoints and constant beyond the outer ones, as isotonic regression predicts.</summary>
/// <param name="X">Scores, 0 to 1, each above the one before; at least two.</param>
/// <param name="Y">What becomes of them, 0 to 1, none below the one before; as many.</param>
public sealed record Isotonic(IReadOnlyList<double> X, IReadOnlyList<double> Y);
