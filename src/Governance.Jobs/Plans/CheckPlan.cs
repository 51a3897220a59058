using Governance.Checks;
using Governance.Core;

namespace Governance.Jobs.Plans;

/// <summary>
/// What is to be computed, and how it is cut into shards: everything a shard needs to know, by digest, and nothing about who asked, when or
/// where. The same plan has the same <see cref="Id"/> everywhere. Immutable; its canonical JSON is the document.
/// </summary>
public sealed record CheckPlan
{
    public const string CurrentFormat = "governance-check-plan/1";

    /// <summary>Largest plan document that is read, in bytes.</summary>
    public const int MaxBytes = 16 << 20;

    public string Format { get; init; } = CurrentFormat;

    /// <summary>The build of the check library that the shards must be: <see cref="Provenance.CodeDigest"/>.</summary>
    public required Digest Code { get; init; }

    public required PlannedModel Model { get; init; }

    public required PlannedData Evaluation { get; init; }

    public PlannedData? Training { get; init; }

    public required double Threshold { get; init; }

    public required int FavourablePrediction { get; init; }

    /// <summary>Protected attribute to its reference level, ordered by attribute.</summary>
    public required IReadOnlyList<ReferenceGroup> ReferenceGroups { get; init; }

    /// <summary>The model in use now; null when there is none to compare with.</summary>
    public PlannedModel? Champion { get; init; }

    /// <summary>The model that this one follows, for comparing reasons; null without. Reads the same features.</summary>
    public PlannedModel? Previous { get; init; }

    /// <summary>Other considered models, ordered by name; null for none.</summary>
    public IReadOnlyList<PlannedAlternative>? Alternatives { get; init; }

    /// <summary>Artefact: JSON of rules by feature, each in the place of the schema's; null for the schema's alone.</summary>
    public Digest? FeatureRules { get; init; }

    public required long Seed { get; init; }

    public required IReadOnlyList<PlannedCheck> Checks { get; init; }

    /// <summary>In order: every shard of a stage needs results of the stages before it. Shards are numbered through from 0.</summary>
    public required IReadOnlyList<PlanStage> Stages { get; init; }

    public required ShardResources Resources { get; init; }

    /// <summary>SHA-256 of the canonical JSON.</summary>
    public Digest Id() => Digest.Of(GovernanceJson.Serialize(this));

    /// <summary>All shards, by index.</summary>
    public IReadOnlyList<PlannedShard> Shards() => [.. Stages.SelectMany(s => s.Shards)];
}

/// <param name="Artifact">The ONNX file.</param>
/// <param name="Features">Names in the order of the input columns.</param>
public sealed record PlannedModel(Digest Artifact, IReadOnlyList<string> Features);

/// <param name="Name">As evidence names it.</param>
public sealed record PlannedAlternative(string Name, PlannedModel Model);

/// <param name="File">The CSV file.</param>
/// <param name="Schema">The JSON of its <see cref="Data.DatasetSchema"/>.</param>
/// <param name="ReferenceScore">The column of the model's scores by another tool; null when there is none.</param>
public sealed record PlannedData(Digest File, Digest Schema, int Rows, string? ReferenceScore = null);

public sealed record ReferenceGroup(string Attribute, string Level);

/// <param name="Parameters">Those that differ from the defaults, ordered by name.</param>
public sealed record PlannedCheck(string Id, string Version, IReadOnlyList<PlannedParameter> Parameters);

public sealed record PlannedParameter(string Name, double Value);

/// <param name="Name"><c>map</c> or <c>reduce</c>.</param>
/// <param name="Why">How the shards were cut, for people.</param>
public sealed record PlanStage(string Name, string Why, IReadOnlyList<PlannedShard> Shards);

/// <param name="EstimatedSeconds">From the cost model, without start-up.</param>
public sealed record PlannedShard(double EstimatedSeconds, IReadOnlyList<WorkItem> Work);

/// <summary>One thing to compute: the state of a check on some rows, or the check's result from all its states.</summary>
/// <param name="Rows">Null for the result.</param>
public sealed record WorkItem(string Check, RowRange? Rows)
{
    public override string ToString() => Rows is { } rows ? $"{Check} rows {rows.Start}..{rows.Start + rows.Count - 1}" : $"{Check} result";
}

/// <summary>What one shard is given.</summary>
/// <param name="Cpus">Cores; 1 or more.</param>
/// <param name="MemoryMiB">Memory, in MiB; 64 or more.</param>
/// <param name="Gpus">GPUs; 0 for none.</param>
/// <param name="Minutes">Time limit; 1 or more.</param>
public sealed record ShardResources(int Cpus = 1, int MemoryMiB = 1024, int Gpus = 0, int Minutes = 60);
