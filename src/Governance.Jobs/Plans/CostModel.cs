namespace Governance.Jobs.Plans;

/// <summary>
/// What checks cost, in seconds on one core: read from what earlier shards reported, else from a middle value. Only the shard layout depends on
/// it, never a result. Immutable and thread-safe.
/// </summary>
public sealed class CostModel
{
    /// <summary>Costs of a check nobody has measured yet.</summary>
    public static readonly CheckCost Unmeasured = new(SecondsPerThousandRows: 0.2, ReduceSeconds: 0.5);

    private readonly IReadOnlyDictionary<string, CheckCost> costs;

    /// <param name="costs">By check id.</param>
    /// <param name="startSeconds">From launching a shard to its first result: process start, model and data loading.</param>
    public CostModel(IReadOnlyDictionary<string, CheckCost> costs, double startSeconds = 1.5)
    {
        this.costs = costs;
        StartSeconds = startSeconds;
    }

    public static CostModel Empty { get; } = new(new Dictionary<string, CheckCost>());

    public double StartSeconds { get; }

    public CheckCost Of(string check) => costs.GetValueOrDefault(check, Unmeasured);

    /// <summary>The model with new measurements weighed in: half old, half new, so that one slow node does not decide.</summary>
    public CostModel With(string check, CheckCost measured)
    {
        var known = costs.TryGetValue(check, out var old)
            ? new CheckCost(
                (old.SecondsPerThousandRows + measured.SecondsPerThousandRows) / 2, (old.ReduceSeconds + measured.ReduceSeconds) / 2, (old.SecondsPerPart + measured.SecondsPerPart) / 2)
            : measured;
        return new CostModel(new Dictionary<string, CheckCost>(costs, StringComparer.Ordinal) { [check] = known }, StartSeconds);
    }

    /// <summary>What there is to store.</summary>
    public IReadOnlyDictionary<string, CheckCost> Known => costs;
}

/// <param name="SecondsPerThousandRows">Of maps over rows.</param>
/// <param name="ReduceSeconds">Of the reduce.</param>
/// <param name="SecondsPerPart">Of maps over anything else: one model, one replicate.</param>
public sealed record CheckCost(double SecondsPerThousandRows, double ReduceSeconds, double SecondsPerPart = 1);
