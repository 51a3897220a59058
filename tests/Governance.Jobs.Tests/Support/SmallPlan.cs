using Governance.Core;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Data.Synthetic;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Jobs.Shards;
using Governance.Models.Training;

namespace Governance.Jobs.Tests.Support;

/// <summary>A jobs folder with a plan of a few cheap checks, one of them in two stages, on a few hundred made-up rows in one part or several.</summary>
internal sealed class SmallPlan : IDisposable
{
    public const string Staged = "privacy.reference_attack";
    public const string RowLocal = "validation.calibration";
    private static readonly SyntheticPortfolio Portfolio = SyntheticLender.Generate(5, training: 400, evaluation: 600);
    private static readonly TrainedModel Model = SyntheticModels.TrainBiased(Portfolio);
    private static readonly CostModel Costs = new(new Dictionary<string, CheckCost>(), startSeconds: 0.01);
    private readonly TempFolder folder = new();
    private readonly SharedInputs inputs;

    public SmallPlan()
    {
        Jobs = new JobsFolder(folder.File("jobs"));
        inputs = new SharedInputs(digest => ArtifactPath.Of(folder.File("artifacts"), digest));
        Plan = Of(600);
    }

    public JobsFolder Jobs { get; }

    /// <summary>Folder of the files that the plan names.</summary>
    public string Artifacts => folder.File("artifacts");

    public CheckPlan Plan { get; }

    public RunFolder Folder => Jobs.Plan(Plan.Id());

    /// <summary>A plan over the first rows, in parts of the given numbers of rows.</summary>
    public CheckPlan Of(params int[] parts)
    {
        var first = 0;
        List<DataTable> tables = [.. parts.Select(rows => TableSplit.Rows(Portfolio.Evaluation, [.. Enumerable.Range((first += rows) - rows, rows)]))];
        return Planner.Lay(new CheckPlan
        {
            Code = Provenance.CodeDigest,
            Model = new PlannedModel(Put(Model.Onnx.ToArray()), Model.Features),
            Evaluation = Data(tables),
            Training = Data([Portfolio.History]),
            Threshold = Portfolio.Threshold,
            FavourablePrediction = Portfolio.FavourablePrediction,
            ReferenceGroups = [.. Portfolio.ReferenceGroups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new ReferenceGroup(g.Key, g.Value))],
            Seed = 3,
            Checks =
            [
                new PlannedCheck(Staged, "1", [new("max_rows", 60), new("recipe", 0), new("shadow_models", 6)]),
                new PlannedCheck(RowLocal, "1", [new("bootstrap_replicates", 100)]),
                new PlannedCheck("fairness.adverse_impact", "1", []),
                new PlannedCheck("validation.stability", "1", []),
            ],
            Stages = [],
            Resources = new ShardResources(),
        }, Costs, slots: 2);
    }

    /// <summary>Carries out a plan on an engine that runs shards in this process by a script.</summary>
    public Task<PlanOutcome> RunAsync(ScriptedEngine engine, RetryPolicy? retry = null, CheckPlan? plan = null, CancellationTokenSource? cancel = null, CancellationTokenSource? detach = null) =>
        new PlanRunner(engine, Jobs.Results, new ShardCommand("gov", [], new Dictionary<string, string>()), retry ?? new RetryPolicy(), TimeProvider.System)
            .RunAsync(plan ?? Plan, Jobs.Plan((plan ?? Plan).Id()), null, cancel?.Token ?? TestContext.Current.CancellationToken, detach?.Token ?? CancellationToken.None);

    public ScriptedEngine Engine(Func<int, int, Act>? script = null, Action? asked = null, TimeProvider? clock = null, bool chains = false, TimeSpan? interval = null) =>
        new((job, index, token) => InProcessShard.RunAsync(job, index, Jobs.Results, inputs, clock ?? TimeProvider.System, token), script ?? ((_, _) => Act.Work)) { Asked = asked ?? (() => { }), Chains = chains, PollInterval = interval ?? TimeSpan.FromMilliseconds(1) };

    /// <summary>Runs a shard as a task of a cluster would: when the job is one whose tasks go on, with what the others have not begun.</summary>
    public async Task<int> GoOnAsync(ShardJob job, int index, TimeProvider clock, CancellationToken cancellationToken)
    {
        var reports = await TaskOf(job, clock).RunAsync(index, InputsAsync, cancellationToken);
        return reports is [.., var last] ? last.ExitCode : 0;
    }

    public Task<Checks.CheckInput> InputsAsync(CancellationToken cancellationToken) => inputs.LoadAsync(Plan, cancellationToken);

    /// <summary>Runs a shard alone.</summary>
    public Task<int> RunShardAsync(ShardJob job, int index, CancellationToken cancellationToken) =>
        InProcessShard.RunAsync(job, index, Jobs.Results, inputs, TimeProvider.System, cancellationToken);

    public ShardTask TaskOf(ShardJob job, TimeProvider clock) => new(
        new ShardRunner(Jobs.Results, Folder, clock), Folder, Jobs.Results, Plan, JobShare.Read(job.Name, job.Command.Environment[ShardCommand.JobIndicesVariable], Plan), clock);

    /// <summary>Digest of each check's result.</summary>
    public static SortedDictionary<string, Digest> Digests(PlanOutcome outcome) =>
        new(outcome.Outcomes.ToDictionary(o => o.Check, o => o.Result!.ComputeDigest()), StringComparer.Ordinal);

    /// <summary>Files of stored results.</summary>
    public IEnumerable<string> Stored() => Directory.EnumerateFiles(Path.Combine(Jobs.Root, "results"), "*", SearchOption.AllDirectories);

    public void Dispose()
    {
        inputs.Dispose();
        folder.Dispose();
    }

    private PlannedData Data(IReadOnlyList<DataTable> parts) => new(
        [.. parts.Select(t => new PlannedPart(Put(CsvTableWriter.Write(t)), t.RowCount))], Put(GovernanceJson.Serialize(Portfolio.Schema)), null, PlannedData.LevelsOf(TableConcat.Of(parts)));

    private Digest Put(byte[] content)
    {
        var path = ArtifactPath.Of(folder.File("artifacts"), Digest.Of(content));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return Digest.Of(content);
    }
}
