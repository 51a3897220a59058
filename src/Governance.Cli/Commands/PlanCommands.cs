using System.CommandLine;
using Governance.Checks;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Engines.Ray;
using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Jobs.Shards;
using Governance.Models.Onnx;

namespace Governance.Cli.Commands;

/// <summary><c>gov plan</c>: check plans without a gateway: make one from a case, look at it, carry it out on an engine.</summary>
internal static class PlanCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("plan", "Check plans without a gateway: make, show, run on an engine",
        Make(factory), Show(factory), Run(factory));

    private static Command Make(CommandFactory factory)
    {
        var folder = new Option<string>("--case") { Description = "Folder of data, models and reference scores", Required = true, HelpName = "dir" };
        var model = Values.Optional<string?>("--model", "Model of the case [default: its first]");
        var checks = Values.Many("--check", "Check id [default: the standard ones]");
        var champion = Values.Optional<string?>("--champion", "ONNX file of the model in use now, with the same features");
        var previous = Values.Optional<string?>("--previous", "ONNX file of the model this one follows, with the same features");
        var alternatives = Values.Many("--alternative", "Another considered model, name=file.onnx, with the same features");
        var features = RunInputs.Features();
        var parameters = RunInputs.Parameters();
        var append = Values.Many("--append", "CSV file of rows that follow the test data: results of the rows before them are used again");
        var seed = new Option<long>("--seed") { Description = "Seed of the stochastic parts", DefaultValueFactory = _ => new Client.Contracts.StartRunRequest().Seed };
        var slots = new Option<int>("--slots") { Description = "Shards the engine runs at once", DefaultValueFactory = _ => Environment.ProcessorCount };
        var launches = Values.Optional<double?>("--launches", "Shards the engine starts a second, at most; Slurm about 10 [default: no limit]");
        var gpus = new Option<int>("--gpus") { Description = "GPUs of a shard" };
        var use = new Option<GpuUse>("--gpu") { Description = "Whether models run on a shard's GPU: never, prefer or require" };
        var jobs = Jobs();
        return factory.Leaf("make", "Make a plan from a case: copies what it names into the jobs folder",
            [
                "gov plan make --case ../shared/cases/taiwan_default --model xgb --slots 8 --jobs /shared/jobs",
                "gov plan make --case ../shared/cases/taiwan_default --append november.csv --jobs /shared/jobs",
            ],
            [folder, model, checks, champion, previous, alternatives, features, parameters, append, seed, slots, launches, gpus, use, jobs],
            async (run, cancellationToken) =>
            {
                if (run.Get(slots) is < 1 or > 100_000)
                {
                    throw CliException.Usage("--slots is 1 to 100000.");
                }

                if (run.Get(launches) is { } rate && !(rate >= 0.1))
                {
                    throw CliException.Usage("--launches is 0.1 or more.");
                }

                if (run.Get(gpus) is < 0 or > 64)
                {
                    throw CliException.Usage("--gpus is 0 to 64.");
                }

                var store = new JobsFolder(run.Get(jobs));
                var asked = new CasePlan(run.Get(folder), run.Get(model), RunInputs.Checks(run.Get(checks)), run.Get(seed))
                {
                    Champion = run.Get(champion),
                    Previous = run.Get(previous),
                    Alternatives = RunInputs.Pairs("--alternative", run.Get(alternatives)),
                    Features = run.Get(features),
                    Parameters = RunInputs.Numbers(run.Get(parameters)),
                    Append = run.Get(append) ?? [],
                };
                var draft = await asked.DraftAsync(ArtifactsOf(store), cancellationToken);
                draft = draft with { Resources = draft.Resources with { Gpus = run.Get(gpus), GpuUse = run.Get(use) } };
                var plan = Planner.Lay(draft, store.ReadCosts(), run.Get(slots), run.Get(launches) ?? double.PositiveInfinity);
                store.Plan(plan.Id()).WritePlan(plan);
                run.Output.Result(new PlanSummary(store.Plan(plan.Id()).PlanPath, plan.Id(), plan), PlanViews.Plan);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var path = PlanPath();
        return factory.Leaf("show", "Show a plan: what it computes, and why its shards are cut as they are", ["gov plan show plan.json", "gov plan show plan.json --json"], [path], (run, _) =>
        {
            var plan = ShardCommands.Read(run.Get(path));
            run.Output.Result(new PlanSummary(Path.GetFullPath(run.Get(path)), plan.Id(), plan), PlanViews.Plan);
            return Task.FromResult(ExitCodes.Ok);
        });
    }

    private static Command Run(CommandFactory factory)
    {
        var path = PlanPath();
        var jobs = Jobs();
        var engine = Values.Word("--engine", "Where the shards run", "local", "processes", "slurm", "kubernetes", "ray");
        var image = Values.Optional<string?>("--image", "kubernetes: image of the shards, with gov");
        var claim = Values.Optional<string?>("--claim", "kubernetes: persistent volume claim that pods mount at the jobs folder");
        var kubeconfig = Values.Optional<string?>("--kubeconfig", "kubernetes: credentials [default: KUBECONFIG, else the pod's own]");
        var queue = Values.Optional<string?>("--queue", "kubernetes: local queue of Kueue");
        var address = Values.Optional<string?>("--ray", "ray: address of the dashboard [default: RAY_ADDRESS]");
        var program = Values.Optional<string?>("--program", "Path of gov on the nodes [default: this one's; gov on kubernetes]");
        var slots = new Option<int>("--slots") { Description = "Shards at once", DefaultValueFactory = _ => Environment.ProcessorCount };
        var fresh = new Option<bool>("--no-cache") { Description = "Compute also what has a result" };
        return factory.Leaf("run", "Carry out a plan on an engine; run again after an interruption, it goes on where it was",
            ["gov plan run /shared/jobs/plans/4f…/plan.json --engine slurm --slots 16 --jobs /shared/jobs", "gov plan run plan.json --engine processes --jobs jobs --json"],
            [path, engine, slots, fresh, jobs, image, claim, kubeconfig, queue, address, program],
            async (run, cancellationToken) =>
            {
                var plan = ShardCommands.Read(run.Get(path));
                var store = new JobsFolder(run.Get(jobs));
                if (run.Get(fresh))
                {
                    store.Forget(plan);
                }

                using var inputs = new SharedInputs(digest => Core.ArtifactPath.Of(ArtifactsOf(store), digest));
                try
                {
                    var chosen = run.Get(engine) switch
                    {
                        "kubernetes" => Kubernetes(run.Get(image), run.Get(claim), run.Get(kubeconfig), run.Get(queue), run.Get(slots), store, run.Terminal),
                        "ray" => Ray(run.Get(address), run.Get(slots), run.Terminal),
                        var name => PlanEngines.Of(name, run.Get(slots), store, inputs, run.Terminal.Time),
                    };
                    using var disposable = chosen as IDisposable;
                    var command = PlanEngines.Command(store, ArtifactsOf(store), run.Get(program) ?? (chosen is KubernetesEngine ? "gov" : null));
                    var runner = new PlanRunner(chosen, store.Results, command, new RetryPolicy(), run.Terminal.Time);
                    var outcome = await runner.RunAsync(plan, store.Plan(plan.Id()), new PlanEngines.Notes(run.Output), cancellationToken, CancellationToken.None);
                    store.Learn(outcome);
                    run.Output.Result(outcome, PlanViews.Outcome);
                    return outcome.Failures.Count == 0 ? ExitCodes.Ok : ExitCodes.Invalid;
                }
                catch (EngineException e)
                {
                    throw e.Fault is EngineFault.Refused ? CliException.Invalid(e.Message) : CliException.Unavailable(e.Message);
                }
            });
    }

    private static KubernetesEngine Kubernetes(string? image, string? claim, string? kubeconfig, string? queue, int slots, JobsFolder store, Terminal terminal)
    {
        if (image is null || claim is null)
        {
            throw CliException.Usage("--engine kubernetes needs --image and --claim.");
        }

        return new KubernetesEngine(new KubernetesOptions
        {
            Access = (kubeconfig ?? terminal.Variable("KUBECONFIG")) is { Length: > 0 } path ? Kubeconfig.Read(path) : KubernetesAccess.InCluster(space: null, terminal.Variable),
            Image = image,
            Claim = claim,
            MountPath = store.Root,
            Queue = queue,
            Slots = slots,
        }, terminal.Time);
    }

    private static RayEngine Ray(string? address, int slots, Terminal terminal) =>
        Uri.TryCreate(address ?? terminal.Variable("RAY_ADDRESS"), UriKind.Absolute, out var url) && url!.Scheme is "http" or "https"
            ? new RayEngine(new RayOptions { Url = url, Slots = slots })
            : throw CliException.Usage("--engine ray needs --ray, the http or https address of the dashboard.");

    private static string ArtifactsOf(JobsFolder store) => Path.Combine(store.Root, "artifacts");

    private static Argument<string> PlanPath() => new("plan") { Description = "The plan document" };

    private static Option<string> Jobs() => new("--jobs") { Description = "Folder of artefacts, plans and results that every node sees", Required = true, HelpName = "dir" };
}

/// <param name="Path">Of the document.</param>
internal sealed record PlanSummary(string Path, Core.Digest Id, CheckPlan Plan);
