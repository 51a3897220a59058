using System.Text.Json.Nodes;

namespace Governance.Core.Evidence;

/// <summary>The family a check belongs to: one room of the validation report each.</summary>
public enum CheckFamily
{
    Validation,
    Fairness,
    Explainability,
    Privacy,
    Robustness,
}

/// <summary>
/// What a check found: the part of the evidence that is a pure function of the inputs, the parameters, the seed and the code.
/// Holds no time, host, device or shard layout, so that its <see cref="Digest"/> is the same wherever and however it was computed. Immutable.
/// </summary>
public sealed record CheckResult
{
    /// <summary>Identifier of the check, <c>family.name</c>: <c>validation.discrimination</c>, <c>fairness.adverse_impact</c>.</summary>
    public required string Check { get; init; }

    /// <summary>Version of the check's method; changes when the same inputs may give another result.</summary>
    public required string CheckVersion { get; init; }

    public required CheckFamily Family { get; init; }

    /// <summary>One or two sentences of finding, for people, with the figures in them.</summary>
    public required string Summary { get; init; }

    /// <summary>Every parameter that had an effect, defaults included.</summary>
    public required JsonObject Parameters { get; init; }

    /// <summary>Seed of the stochastic part; null where there is none.</summary>
    public long? Seed { get; init; }

    /// <summary>Rows of the data that the check read.</summary>
    public required long Rows { get; init; }

    public required IReadOnlyList<Measure> Measures { get; init; }

    public IReadOnlyList<Table> Tables { get; init; } = [];

    /// <summary>What the reader must know before relying on it; from the check's own limits and what the data showed.</summary>
    public IReadOnlyList<string> Limitations { get; init; } = [];

    /// <summary>SHA-256 of the canonical JSON (<see cref="GovernanceJson.Options"/>).</summary>
    public Digest ComputeDigest() => Digest.Of(GovernanceJson.Serialize(this));
}
