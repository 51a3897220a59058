using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks;

/// <summary>What a check concludes: the part of a <see cref="CheckResult"/> that differs from check to check.</summary>
/// <param name="Summary">One or two sentences with the figures in them.</param>
public sealed record Finding(string Summary, IReadOnlyList<Measure> Measures)
{
    public IReadOnlyList<Table> Tables { get; init; } = [];

    /// <summary>What the data showed that the reader must know.</summary>
    public IReadOnlyList<string> Limitations { get; init; } = [];
}

/// <summary>The input of a check with its parameters resolved. Immutable.</summary>
public sealed record CheckContext(CheckInput Input, CheckParameters Parameters)
{
    /// <summary>Level of the intervals.</summary>
    public double Confidence => Parameters[CheckParameters.Confidence.Name];
}

/// <summary>
/// A check whose shards only count (see <c>Tallies/README.md</c>): what a subclass writes is how rows are counted and what the counts mean.
/// </summary>
public abstract class TallyCheck : ICheck
{
    public abstract CheckDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public virtual bool IsRowLocal => false;

    /// <summary>Whether results depend on the seed.</summary>
    protected virtual bool IsSeeded => false;

    public string? WhyNotApplicable(CheckInput input) =>
        input.Evaluation.RowCount == 0 ? "The evaluation data has no rows."
        : MissingFeature(input) ?? CheckParameters.Problem(Descriptor, input) ?? Lacks(input);

    public ReadOnlyMemory<byte> Map(CheckInput input, RowRange rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var tally = new TallyBuilder();
        Count(Context(input), rows, tally, cancellationToken);
        return ShardState.Write(rows, tally.Build());
    }

    public CheckResult Reduce(CheckInput input, IReadOnlyList<ReadOnlyMemory<byte>> states, CancellationToken cancellationToken)
    {
        var context = Context(input);
        var finding = Conclude(context, ShardState.Merge(states, input.Evaluation.RowCount), cancellationToken);
        return new CheckResult
        {
            Check = Descriptor.Id,
            CheckVersion = Descriptor.Version,
            Family = Descriptor.Family,
            Summary = finding.Summary,
            Parameters = Describe(context),
            Seed = IsSeeded ? input.Seed : null,
            Rows = input.Evaluation.RowCount,
            Measures = finding.Measures,
            Tables = finding.Tables,
            Limitations = [.. finding.Limitations, .. Weights(input), Descriptor.Limits],
        };
    }

    /// <summary>Whether results depend on <see cref="CheckInput.FeatureRules"/>, so that they are part of the evidence.</summary>
    protected virtual bool ReadsFeatureRules => false;

    /// <summary>Whether some measures, whose names begin with <c>weighted_</c>, count rows by their declared weight.</summary>
    protected virtual bool HasWeightedMeasures => false;

    /// <summary>What the input lacks for this check, as a sentence; null when nothing.</summary>
    protected virtual string? Lacks(CheckInput input) => null;

    /// <summary>Counts the rows of a shard.</summary>
    protected abstract void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken);

    /// <summary>Says what the counts of all rows mean.</summary>
    protected abstract Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken);

    /// <summary>Checks count rows: what a dataset's weights are used for, if for anything, is said with every result.</summary>
    private IEnumerable<string> Weights(CheckInput input) =>
        input.Evaluation.WithRole(ColumnRole.Weight).Select(w => HasWeightedMeasures
            ? $"The data declares weights ({w.Name}): the measures that begin with weighted_ use them, taking rows as drawn independently; in all others every row counts once."
            : $"The data declares weights ({w.Name}); this check does not use them: every row counts once.");

    /// <summary>The input with this check's parameters resolved.</summary>
    protected CheckContext Context(CheckInput input) => new(input, CheckParameters.Of(Descriptor, input));

    /// <summary>The check's own parameters and the settings of the model's use that every check reads.</summary>
    private JsonObject Describe(CheckContext context)
    {
        var json = context.Parameters.ToJson();
        json["threshold"] = context.Input.Threshold;
        json["favourable_prediction"] = context.Input.FavourablePrediction;
        var rules = context.Input.FeatureRules.Where(r => context.Input.Model.Features.Contains(r.Key)).OrderBy(r => r.Key, StringComparer.Ordinal).ToArray();
        if (ReadsFeatureRules && rules.Length > 0)
        {
            json["feature_rules"] = new JsonObject(rules.Select(r => KeyValuePair.Create(r.Key, JsonSerializer.SerializeToNode(r.Value, Core.GovernanceJson.Options))));
        }

        return json;
    }

    /// <summary>Which feature of a model the evaluation data lacks, as a sentence; null when none.</summary>
    protected static string? MissingFeature(CheckInput input, IScorer model, string name) =>
        model.Features.FirstOrDefault(f => !IsNumeric(input.Evaluation, f)) is { } absent
            ? $"{name} reads '{absent}', which is not a numeric column of the evaluation data."
            : null;

    private static string? MissingFeature(CheckInput input) =>
        MissingFeature(input, input.Model, "The model") is { } absent ? absent
        : input.Training is { } training && input.Model.Features.FirstOrDefault(f => !IsNumeric(training, f)) is { } missing
            ? $"The model reads '{missing}', which is not a numeric column of the training data."
        : null;

    private static bool IsNumeric(DataTable table, string name) => table.Contains(name) && table[name] is Float32Column;
}
