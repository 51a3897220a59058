using System.Text.Json.Nodes;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Testing;

namespace Governance.EndToEnd.Tests;

/// <summary>Check runs on a gateway that runs each shard in a process of its own.</summary>
public sealed class RunResumeTests : IDisposable
{
    private const string Model = "cards";
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_goes_on_after_a_kill_and_finished_shards_are_not_computed_again()
    {
        SharedMaterial.SkipUnlessPresent("cases/taiwan_default");
        string run;
        await using (var gateway = await StartAsync())
        {
            using var callers = new Callers(gateway.Address);
            await RegisterAsync(callers);
            run = (await callers.As("victor").StartRunAsync(Model, 1, new StartRunRequest(), "run-1", Token)).Id;

            // Some of the work is done when the gateway dies.
            await UntilAsync(() => Directory.Exists(Results) && Directory.EnumerateFiles(Results, "*", SearchOption.AllDirectories).Any());
            await gateway.KillAsync();
        }

        await using var again = await StartAsync();
        using var clients = new Callers(again.Address);
        var client = clients.As("victor");
        RunDetails? ended = null;
        await foreach (var details in client.WatchRunAsync(run, Token))
        {
            ended = details;
        }

        Assert.Equal(RunStatus.Succeeded, ended!.Status);
        var version = await client.GetVersionAsync(Model, 1, null, Token);
        Assert.Equal(ended.Checks.Count(c => c.Status == RunCheckStatus.Recorded), version.Evidence.Count);
        var explanation = await client.ExplainRunAsync(run, Token);
        Assert.Equal("processes", explanation.Engine);
        Assert.All(explanation.Shards.SelectMany(s => s.Work), w => Assert.NotNull(w.Result));

        // Started again by the same request, nothing is computed: the evidence says so.
        var second = await client.StartRunAsync(Model, 1, new StartRunRequest(["validation.discrimination"]), "run-2", Token);
        await foreach (var details in client.WatchRunAsync(second.Id, Token))
        {
            ended = details;
        }

        Assert.Equal(RunStatus.Succeeded, ended.Status);
        var evidence = (await client.GetVersionAsync(Model, 1, null, Token)).Evidence.Single(e => e.Check == "validation.discrimination");
        var envelope = JsonNode.Parse(await client.GetEvidenceAsync(evidence.Envelope, Token))!;
        var statement = JsonNode.Parse(Convert.FromBase64String(envelope["payload"]!.GetValue<string>()))!;
        Assert.True(statement["predicate"]!["run"]!["cached"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Evidence_of_one_engine_is_computed_again_on_another_and_without_a_gateway()
    {
        SharedMaterial.SkipUnlessPresent("cases/taiwan_default");
        Digest envelope;
        await using (var gateway = await StartAsync(("Gateway__Jobs__Engines__0", "local")))
        {
            using var callers = new Callers(gateway.Address);
            await RegisterAsync(callers);
            var victor = callers.As("victor");
            await EndAsync(victor, await victor.StartRunAsync(Model, 1, new StartRunRequest(["validation.discrimination"]), null, Token));
            envelope = (await victor.GetVersionAsync(Model, 1, null, Token)).Evidence.Single().Envelope;
            await EndAsync(victor, await victor.ReproduceAsync(envelope, "local", null, Token));
            var compared = await victor.GetReproductionAsync(envelope, Token);
            Assert.True(compared.Same);
            Assert.Equal(("processes", "local"), (compared.OriginalEngine, compared.Engine));
        }

        string[] reproduce = ["reproduce", envelope.ToString(), "--data", folder.File("data"), "--json"];
        foreach (var engine in new[] { "local", "processes" })
        {
            var (exit, output, error) = await Programs.GovAsync([.. reproduce, "--engine", engine], Token);
            Assert.True(exit == 0, error);
            var verdict = JsonNode.Parse(output)!;
            Assert.True(verdict["same"]!.GetValue<bool>());
            Assert.False(verdict["recorded"]!.GetValue<bool>());
            Assert.Equal(engine, verdict["engine"]!.GetValue<string>());
        }

        var file = folder.File(Path.Combine("data", "artifacts", envelope.Hex[..2], envelope.Hex[2..]));
        File.Delete(file);
        Assert.Equal(8, (await Programs.GovAsync(reproduce, Token)).ExitCode);
    }

    [Fact]
    public async Task A_run_that_is_stopped_ends_and_can_be_tried_again()
    {
        SharedMaterial.SkipUnlessPresent("cases/taiwan_default");
        await using var gateway = await StartAsync();
        using var callers = new Callers(gateway.Address);
        await RegisterAsync(callers);
        var client = callers.As("victor");
        var run = await client.StartRunAsync(Model, 1, new StartRunRequest(), null, Token);
        await client.CancelRunAsync(run.Id, null, Token);
        RunDetails? ended = null;
        await foreach (var details in client.WatchRunAsync(run.Id, Token))
        {
            ended = details;
        }

        Assert.Equal(RunStatus.Cancelled, ended!.Status);
        Assert.All(ended.Checks.Where(c => c.Status == RunCheckStatus.Failed), c => Assert.Equal("The run was stopped.", c.Note));
    }

    private string Results => folder.File("data/jobs/results");

    private Task<GatewayProcess> StartAsync(params (string Name, string Value)[] settings) => GatewayProcess.StartAsync(
        folder.File("data"), Token,
        [("Gateway__Jobs__Engine", "processes"), ("Gateway__Jobs__Slots", "2"), ("Gateway__Jobs__Program__0", "dotnet"), ("Gateway__Jobs__Program__1", Programs.Gov), .. settings]);

    private static async Task EndAsync(GovernanceClient client, RunDetails started)
    {
        RunDetails? ended = null;
        await foreach (var details in client.WatchRunAsync(started.Id, Token))
        {
            ended = details;
        }

        Assert.Equal(RunStatus.Succeeded, ended!.Status);
    }

    /// <summary>Registers the case's model and data as its plan has them.</summary>
    private async Task RegisterAsync(Callers callers)
    {
        var (exit, output, error) = await Programs.GovAsync(
            ["plan", "make", "--case", Path.Combine(SharedMaterial.Root, "cases", "taiwan_default"), "--jobs", folder.File("material"), "--json"], Token);
        Assert.True(exit == 0, error);
        var plan = JsonNode.Parse(output)!["plan"]!;
        var dana = callers.As("dana");
        await dana.RegisterModelAsync(
            new ModelRegistration { Id = Model, Name = "Cards", Use = "Credit cards", Tier = Tier.Two, Owner = "olivia", Developers = [], Jurisdictions = ["EU"], Automation = Automation.Assisted },
            null, Token);
        await callers.As("victor").ConfirmTierAsync(Model, Tier.Two, null, Token);
        foreach (var (id, use) in new[] { ("training", DatasetUse.Training), ("evaluation", DatasetUse.Evaluation) })
        {
            await dana.RegisterDatasetAsync(
                new RegisterDatasetRequest
                {
                    Id = id, Name = id, Use = use, LegalBasis = "contract", RetentionMonths = 60,
                    Schema = JsonNode.Parse(await File.ReadAllBytesAsync(Artifact(plan[id]!["schema"]!), Token))!.AsObject(),
                    ReferenceGroups = plan["referenceGroups"]!.AsArray().ToDictionary(g => g!["attribute"]!.GetValue<string>(), g => g!["level"]!.GetValue<string>()),
                },
                Artifact(Assert.Single(plan[id]!["parts"]!.AsArray())!["file"]!), null, Token);
        }

        await dana.SubmitVersionAsync(
            Model,
            new SubmitVersionRequest
            {
                Description = "First", TrainingDataset = "training", EvaluationDataset = "evaluation",
                Features = [.. plan["model"]!["features"]!.AsArray().Select(f => f!.GetValue<string>())],
                Threshold = plan["threshold"]!.GetValue<double>(), FavourablePrediction = plan["favourablePrediction"]!.GetValue<int>(),
                ReferenceScore = plan["evaluation"]!["referenceScore"]?.GetValue<string>(),
            },
            Artifact(plan["model"]!["artifact"]!), null, Token);
    }

    private string Artifact(JsonNode digest)
    {
        var hex = digest.GetValue<string>()["sha256:".Length..];
        return folder.File(Path.Combine("material", "artifacts", hex[..2], hex[2..]));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
