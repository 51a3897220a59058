using Governance.Checks;
using Governance.Core;
using Governance.Models.Onnx;

namespace Governance.Jobs.Plans;

/// <summary>
/// What is to be computed, and how it is cut into shards: everything a shard needs to know, by digest, and nothing about who asked, when or
/// where. The same plan has the same <see cref="Id"/> everywhere. Immutable; its canonical JSON is the document.
/// </summary>
public sealed record CheckPlan
{
    public const string CurrentFormat = "governance-check-plan/2";

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

public sealed record ReferenceGroup(string Attribute, string Level);

/// <param name="Parameters">Those that differ from the defaults, ordered by name.</param>
public sealed record PlannedCheck(string Id, string Version, IReadOnlyList<PlannedParameter> Parameters);

public sealed record PlannedParameter(string Name, double Value);

/// <param name="Name"><c>map</c>, <c>reduce</c>, or both where some checks are further than others.</param>
/// <param name="Why">How the shards were cut, for people.</param>
public sealed record PlanStage(string Name, string Why, IReadOnlyList<PlannedShard> Shards);

/// <param name="EstimatedSeconds">From the cost model, without start-up.</param>
public sealed record PlannedShard(double EstimatedSeconds, IReadOnlyList<WorkItem> Work);

/// <summary>One thing to compute: the state of a check on some parts of a stage, or the check's result from the states of all its stages.</summary>
/// <param name="Stage">Number of the check's stage, from 0; that of the result is the number of stages.</param>
/// <param name="Unit">What the parts are, as in <see cref="CheckStage"/>; <see cref="Result"/> for the result.</param>
/// <param name="Part">Null for the result.</param>
public sealed record WorkItem(string Check, int Stage, string Unit, RowRange? Part)
{
    /// <summary>The unit of a result.</summary>
    public const string Result = "result";

    /// <summary>The result of a check of so many stages.</summary>
    public static WorkItem ResultOf(string check, int stages) => new(check, stages, Result, null);

    public override string ToString() => Part is { } part ? $"{Check} {Unit} {part.Start}..{part.Start + part.Count - 1}" : $"{Check} {Result}";
}

/// <summary>What one shard is given.</summary>
/// <param name="Cpus">Cores; 1 or more.</param>
/// <param name="MemoryMiB">Memory, in MiB; 64 or more.</param>
/// <param name="Gpus">GPUs; 0 for none.</param>
/// <param name="Minutes">Time limit; 1 or more.</param>
/// <param name="GpuUse">Whether models run on a GPU that the shard was given. Part of every result's key, unlike the rest.</param>
public sealed record ShardResources(int Cpus = 1, int MemoryMiB = 1024, int Gpus = 0, int Minutes = 60, GpuUse GpuUse = GpuUse.Never);
