using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>One map of a staged check: what it is dealt out by, and how many of them there are. Immutable.</summary>
/// <param name="Unit">As plans name it: <see cref="Rows"/>, <see cref="Models"/> or <see cref="Replicates"/>.</param>
/// <param name="Parts">Parts are numbered from 0; 0 or more.</param>
public sealed record CheckStage(string Unit, int Parts)
{
    /// <summary>Rows of the evaluation data.</summary>
    public const string Rows = "rows";

    /// <summary>Models that are trained.</summary>
    public const string Models = "models";

    /// <summary>Bootstrap replicates.</summary>
    public const string Replicates = "replicates";
}

/// <summary>The states of the stages that are done: per stage, those of a partition of its parts, in any order. Immutable.</summary>
public sealed class StageStates
{
    private readonly IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> stages;

    private StageStates(IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> stages) => this.stages = stages;

    /// <summary>No stage is done.</summary>
    public static StageStates None { get; } = new([]);

    /// <summary>Number of stages that are done.</summary>
    public int Count => stages.Count;

    /// <summary>The states of a stage.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> this[int stage] => stages[stage];

    /// <summary>These and the states of the next stage.</summary>
    public StageStates Then(IReadOnlyList<ReadOnlyMemory<byte>> states) => new([.. stages, states]);
}

/// <summary>
/// A check of several maps, each of which reads all that the ones before it left: shadow models are trained, then rows are attacked with them;
/// rows are counted, then the counts are resampled. What holds of <see cref="ICheck"/> holds of every stage: pure functions, and any partition of
/// a stage's parts gives the same result, byte for byte. The members of <see cref="ICheck"/> do all stages but one by themselves.
/// </summary>
public interface IStagedCheck : ICheck
{
    /// <summary>The stages in order, without the final reduce; one or more.</summary>
    /// <param name="rows">Of the evaluation data.</param>
    /// <param name="given">Parameters that differ from their defaults; those out of range are brought into it.</param>
    IReadOnlyList<CheckStage> Stages(int rows, IReadOnlyDictionary<string, double> given);

    /// <summary>The state of some parts of a stage.</summary>
    /// <param name="before">The states of all stages before it.</param>
    ReadOnlyMemory<byte> Map(CheckInput input, int stage, RowRange part, StageStates before, CancellationToken cancellationToken);

    /// <summary>The result from the states of all stages.</summary>
    CheckResult Reduce(CheckInput input, StageStates states, CancellationToken cancellationToken);
}

/// <summary>The stages of any check.</summary>
public static class CheckStages
{
    /// <summary>Those it declares, or the rows alone.</summary>
    public static IReadOnlyList<CheckStage> Of(ICheck? check, int rows, IReadOnlyDictionary<string, double> given) =>
        check is IStagedCheck staged ? staged.Stages(rows, given) : [new CheckStage(CheckStage.Rows, rows)];

    /// <summary>Maps some parts of a stage of any check.</summary>
    public static ReadOnlyMemory<byte> Map(ICheck check, CheckInput input, int stage, RowRange part, StageStates before, CancellationToken cancellationToken) =>
        check is IStagedCheck staged ? staged.Map(input, stage, part, before, cancellationToken) : check.Map(input, part, cancellationToken);

    /// <summary>Reduces the states of all stages of any check.</summary>
    public static CheckResult Reduce(ICheck check, CheckInput input, StageStates states, CancellationToken cancellationToken) =>
        check is IStagedCheck staged ? staged.Reduce(input, states, cancellationToken) : check.Reduce(input, states[0], cancellationToken);
}
