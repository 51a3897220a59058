using Governance.Core;

namespace Governance.Cli.Demo;

/// <summary>What a tour has found out so far; written after every step, so that an interrupted tour can go on. Immutable.</summary>
internal sealed record TourFacts
{
    public required string RunId { get; init; }

    public required string Gateway { get; init; }

    /// <summary>Case folder; null for the synthetic lender.</summary>
    public string? Case { get; init; }

    /// <summary>Steps that are done, in order.</summary>
    public IReadOnlyList<StepRecord> Steps { get; init; } = [];

    public int? BiasedVersion { get; init; }

    public int? GoodVersion { get; init; }

    public string? GoodModel { get; init; }

    public double? GoodThreshold { get; init; }

    /// <summary>Row of the evaluation data that the bank asked about.</summary>
    public int? Row { get; init; }

    public string? Subject { get; init; }

    public long? DecisionIndex { get; init; }

    /// <summary>Leaf hash the gateway answered with, hexadecimal.</summary>
    public string? Receipt { get; init; }

    public string? ErasureId { get; init; }

    public IReadOnlyList<Artefact> Artefacts { get; init; } = [];
}

/// <summary>A step as it went. Immutable.</summary>
/// <param name="Lines">The narration.</param>
/// <param name="Proved">What it showed to be true, one sentence each.</param>
internal sealed record StepRecord(int Number, string Title, double Seconds, IReadOnlyList<string> Lines, IReadOnlyList<string> Proved);

/// <summary>A file the tour left. Immutable.</summary>
internal sealed record Artefact(string What, string File, long Bytes, Digest? Digest = null);
