using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>Every command that asks the gateway: the request it sends, one JSON document, text without it, and exit codes.</summary>
public sealed class ApiCommandTests : IAsyncLifetime
{
    private static readonly string Binding = Samples.Digest.ToString();
    private StubGateway gateway = null!;
    private readonly TempFolder folder = new();

    /// <summary>Command line, method, path, and the answer's type name in <see cref="Samples"/>. FOLDER stands for a folder with files.</summary>
    public static TheoryData<string, string, string, string> Commands => new()
    {
        { "model register loans --name Loans --use PD --tier 1 --owner olivia --jurisdiction EU", "POST", "/api/v1/models", nameof(Samples.Model) },
        { "model list", "GET", "/api/v1/models?pageSize=50", nameof(Samples.Models) },
        { "model list --page-size 5 --page-token t --as-of 2026-03-31", "GET", "/api/v1/models?pageSize=5&pageToken=t&asOf=2026-03-31T23%3A59%3A59.9999999Z", nameof(Samples.Models) },
        { "model show loans", "GET", "/api/v1/models/loans", nameof(Samples.Model) },
        { "model confirm-tier loans --tier 2", "POST", "/api/v1/models/loans/tier", nameof(Samples.Model) },
        {
            "dataset add train FOLDER/data.csv --schema FOLDER/schema.json --name Train --use training --reference-group sex=male --legal-basis contract --retention-months 12",
            "POST", "/api/v1/datasets", nameof(Samples.Dataset)
        },
        { "dataset show train", "GET", "/api/v1/datasets/train", nameof(Samples.Dataset) },
        {
            "version submit loans FOLDER/model.onnx --description First --training train --evaluation test --threshold 0.5 --favourable 0",
            "POST", "/api/v1/models/loans/versions", nameof(Samples.Version)
        },
        { "version show loans 1", "GET", "/api/v1/models/loans/versions/1", nameof(Samples.Version) },
        { "version attach loans 1 dpia FOLDER/model.onnx --title DPIA --expires 2031-01-31", "POST", "/api/v1/models/loans/versions/1/documents", nameof(Samples.Version) },
        { "version gate loans 1", "GET", "/api/v1/models/loans/versions/1/gate?target=champion", nameof(Samples.Allowed) },
        { $"version sign-off loans 1 --role validator --meaning approved --comment Fine --binding {Binding}", "POST", "/api/v1/models/loans/versions/1/sign-offs", nameof(Samples.Version) },
        { "version promote loans 1", "POST", "/api/v1/models/loans/versions/1/promotions", nameof(Samples.Promotion) },
        { "version suspend loans 1 --reason Drift", "POST", "/api/v1/models/loans/versions/1/suspension", nameof(Samples.Version) },
        { "route list", "GET", "/api/v1/routes?pageSize=50", nameof(Samples.Routes) },
        { "route show loans", "GET", "/api/v1/routes/loans", nameof(Samples.Route) },
        { "route canary loans 2 --percent 5", "POST", "/api/v1/routes/loans/canary", nameof(Samples.Route) },
        { "route rollback loans --reason Slow", "POST", "/api/v1/routes/loans/canary/end", nameof(Samples.Route) },
        { "route stop loans --reason Wrong", "POST", "/api/v1/routes/loans/stop", nameof(Samples.Route) },
        { "route start loans --reason Mended", "POST", "/api/v1/routes/loans/start", nameof(Samples.Route) },
        { "route configure loans FOLDER/settings.json", "POST", "/api/v1/routes/loans/settings", nameof(Samples.Route) },
        { "route configure loans FOLDER/settings.json --pipeline FOLDER/pipeline.json", "POST", "/api/v1/routes/loans/settings", nameof(Samples.Route) },
        { "run start loans 1 --check validation.discrimination --seed 4", "POST", "/api/v1/models/loans/versions/1/runs", nameof(Samples.Run) },
        { "run show r1", "GET", "/api/v1/runs/r1", nameof(Samples.Run) },
        { "run watch r1", "GET", "/api/v1/runs/r1", nameof(Samples.Run) },
        { "run cancel r1", "POST", "/api/v1/runs/r1/cancel", nameof(Samples.Run) },
        { "run start loans 1 --parameter validation.discrimination.confidence=0.9 --priority high --deadline 2031-01-31T00:00:00Z --engine slurm", "POST", "/api/v1/models/loans/versions/1/runs", nameof(Samples.Run) },
        { "schedule list", "GET", "/api/v1/schedules", nameof(Samples.Schedules) },
        { "schedule show revalidation", "GET", "/api/v1/schedules/revalidation", nameof(Samples.Schedule) },
        { "schedule run revalidation", "POST", "/api/v1/schedules/revalidation/run", nameof(Samples.Schedule) },
        { "schedule pause revalidation --reason Move", "POST", "/api/v1/schedules/revalidation/pause", nameof(Samples.Schedule) },
        { "schedule resume revalidation", "POST", "/api/v1/schedules/revalidation/resume", nameof(Samples.Schedule) },
        { "run explain r1", "GET", "/api/v1/runs/r1/explanation", nameof(Samples.Explanation) },
        { "gate evaluate loans 1 --gate approve", "GET", "/api/v1/models/loans/versions/1/gate?gate=approve", nameof(Samples.Allowed) },
        { "gate evaluate loans 1 --gate promote --target champion", "GET", "/api/v1/models/loans/versions/1/gate?gate=promote&target=champion", nameof(Samples.Allowed) },
        { "gate show 41", "GET", "/api/v1/gate-decisions/41", nameof(Samples.Decision) },
        { "gate replay 41", "GET", "/api/v1/gate-decisions/41/replay", nameof(Samples.Replayed) },
        { "ledger tail --log inference", "GET", "/api/v1/ledger/logs/inference/entries?pageSize=50&order=desc", nameof(Samples.Entries) },
        { "ledger entry 41 --log inference", "GET", "/api/v1/ledger/logs/inference/entries/41", nameof(Samples.Entry) },
        { "policy show", "GET", "/api/v1/policy", nameof(Samples.Policy) },
        {
            "policy propose FOLDER/pack --comment Stricter --effective-from 2031-01-31", "POST", "/api/v1/policy/proposals", nameof(Samples.Proposal)
        },
        { $"policy propose --archive {Binding} --comment Back", "POST", "/api/v1/policy/proposals", nameof(Samples.Proposal) },
        { $"policy approve p1 --archive {Binding} --comment Looked", "POST", "/api/v1/policy/proposals/p1/approval", nameof(Samples.Proposal) },
        { "policy withdraw p1 --reason Wrong", "POST", "/api/v1/policy/proposals/p1/withdrawal", nameof(Samples.Proposal) },
        { "policy proposal p1", "GET", "/api/v1/policy/proposals/p1", nameof(Samples.Proposal) },
        { "model add-developer loans devi", "POST", "/api/v1/models/loans/developers", nameof(Samples.Model) },
        {
            $"finding raise loans 1 --severity high --title Overfits --description Much --owner dana --due 2031-01-31 --rule r --evidence {Binding}", "POST", "/api/v1/findings",
            nameof(Samples.Finding)
        },
        { "finding respond loans.f1 --response Retrained", "POST", "/api/v1/findings/loans.f1/answers", nameof(Samples.Finding) },
        { "finding close loans.f1 --role validator --verification Replicated", "POST", "/api/v1/findings/loans.f1/closure", nameof(Samples.Finding) },
        { "finding reopen loans.f1 --reason Back --due 2031-01-31T12:00:00Z", "POST", "/api/v1/findings/loans.f1/reopening", nameof(Samples.Finding) },
        { "finding list --model loans --status open", "GET", "/api/v1/findings?pageSize=50&modelId=loans&status=open", nameof(Samples.Findings) },
        { "finding show loans.f1", "GET", "/api/v1/findings/loans.f1", nameof(Samples.Finding) },
        {
            "waiver request loans 1 --rule r --reason a --risk b --control c --exit d --expires 2031-01-31 --emergency", "POST", "/api/v1/waivers", nameof(Samples.Waiver)
        },
        { "waiver approve loans.w1 --role owner --comment Fine", "POST", "/api/v1/waivers/loans.w1/approvals", nameof(Samples.Waiver) },
        { "waiver deny loans.w1 --role dpo --reason No", "POST", "/api/v1/waivers/loans.w1/denial", nameof(Samples.Waiver) },
        { "waiver renew loans.w1 --reason More --expires 2031-01-31", "POST", "/api/v1/waivers/loans.w1/renewals", nameof(Samples.Waiver) },
        { "waiver revoke loans.w1 --reason Losses", "POST", "/api/v1/waivers/loans.w1/revocation", nameof(Samples.Waiver) },
        { "waiver review loans.w1 --outcome overturned --comment Wrong", "POST", "/api/v1/waivers/loans.w1/review", nameof(Samples.Waiver) },
        { "waiver list --status active", "GET", "/api/v1/waivers?pageSize=50&status=active", nameof(Samples.Waivers) },
        { "waiver show loans.w1", "GET", "/api/v1/waivers/loans.w1", nameof(Samples.Waiver) },
        { "alerts", "GET", "/api/v1/alerts", nameof(Samples.Alerts) },
        { "review list --route loans", "GET", "/api/v1/reviews?pageSize=50&route=loans", nameof(Samples.Reviews) },
        { "review show 7", "GET", "/api/v1/reviews/7", nameof(Samples.Review) },
        { "review claim 7", "POST", "/api/v1/reviews/7/claim", nameof(Samples.Review) },
        { "review release 7", "POST", "/api/v1/reviews/7/release", nameof(Samples.Review) },
        { "review decide 7 --outcome overridden --reason Payslip", "POST", "/api/v1/reviews/7/outcome", nameof(Samples.Review) },
        { "review figures", "GET", "/api/v1/review-figures", nameof(Samples.ReviewFigures) },
        { "erasure request --subject c-1 --ground objection", "POST", "/api/v1/erasures", nameof(Samples.Erasure) },
        { "erasure approve e1 --role owner", "POST", "/api/v1/erasures/e1/approvals", nameof(Samples.Erasure) },
        { "erasure execute e1", "POST", "/api/v1/erasures/e1/execution", nameof(Samples.Erasure) },
        { "keys status", "GET", "/api/v1/keys", nameof(Samples.Keys) },
        { "keys roll", "POST", "/api/v1/keys/roll", nameof(Samples.Keys) },
        { "erasure show e1", "GET", "/api/v1/erasures/e1", nameof(Samples.Erasure) },
        { "report create --kind validation --model loans --version-number 1", "POST", "/api/v1/reports", nameof(Samples.Report) },
        { "report create --kind erasure --erasure e1", "POST", "/api/v1/reports", nameof(Samples.Report) },
        { "infer loans --input FOLDER/request.json", "POST", "/v2/models/loans/infer", nameof(Samples.Inference) },
        { "infer loans --input FOLDER/request.json --model-version 2", "POST", "/v2/models/loans/versions/2/infer", nameof(Samples.Inference) },
        { "whoami", "GET", "/api/v1/me", nameof(Samples.Me) },
    };

    public async ValueTask InitializeAsync()
    {
        gateway = await StubGateway.StartAsync();
        await File.WriteAllTextAsync(folder.File("data.csv"), "a,y\n1,0\n");
        await File.WriteAllTextAsync(folder.File("schema.json"), """{"columns":[]}""");
        await File.WriteAllTextAsync(folder.File("model.onnx"), "onnx");
        await File.WriteAllTextAsync(folder.File("settings.json"), """{"audit":"asyncBounded","limits":{"rows":10}}""");
        await File.WriteAllTextAsync(folder.File("pipeline.json"), """{"members":[{"upstream":"bureau"}],"post":[{"platt":{"a":-3,"b":1.5}}]}""");
        Directory.CreateDirectory(folder.File("pack"));
        await File.WriteAllTextAsync(folder.File("pack/pack.yaml"), "apiVersion: governance/v1\nkind: Pack\nmetadata: {name: house, version: 1.0.0, title: House}\n");
        await File.WriteAllTextAsync(
            folder.File("request.json"), """{"parameters":{"subject_id":"c-1"},"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[1]}]}""");
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Json_IsTheGatewaysAnswer_AndAloneOnStandardOutput(string command, string method, string path, string sample)
    {
        gateway.On(method, path, StubAnswer.Json(Answer(sample)));

        var run = await RunAsync(command, "--json");

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(Answer(sample)).RootElement, run.Json), run.Out);
        Assert.Equal("Bearer t", gateway.Requests[0].Headers["Authorization"]);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Text_HasNoEscapes_AndNothingOnStandardError(string command, string method, string path, string sample)
    {
        gateway.On(method, path, StubAnswer.Json(Answer(sample)));

        var run = await RunAsync(command);

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        Assert.NotEmpty(run.Out.Trim());
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Refusals_HaveTheirExitCodes_OneLine_AndTheProblemAsJson(string command, string method, string path, string sample)
    {
        Assert.NotNull(sample);
        foreach (var (status, code) in new[]
        {
            (400, ExitCodes.Invalid), (401, ExitCodes.Forbidden), (403, ExitCodes.Forbidden), (404, ExitCodes.NotFound), (409, ExitCodes.Conflict),
            (413, ExitCodes.Invalid), (415, ExitCodes.Invalid), (422, ExitCodes.Invalid), (500, ExitCodes.Unexpected),
        })
        {
            gateway.On(method, path, StubAnswer.Problem(status, "a-code", "What is wrong."));

            var run = await RunAsync(command, "--json");

            Assert.Equal(code, run.ExitCode);
            Assert.Equal("a-code", run.Json.GetProperty("code").GetString());
            Assert.StartsWith("error: What is wrong.", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Unreachable_IsNine(string command, string method, string path, string sample)
    {
        Assert.NotNull(method + path + sample);
        await gateway.StopAsync();

        var run = await RunAsync(command);

        Assert.Equal(ExitCodes.Unavailable, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Contains("hint:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_ThatDenies_IsSeven_AndShowsRuleValueLimitCitationAndRemedy()
    {
        gateway.On("GET", "/api/v1/models/loans/versions/1/gate?target=champion", StubAnswer.Json(Answer(nameof(Samples.Denied))));

        var run = await RunAsync("version gate loans 1");

        Assert.Equal(ExitCodes.Gate, run.ExitCode);
        foreach (var part in new[] { "fairness-air", "0.71", "0.8", "29 CFR 1607.4(D)", "Look for an alternative" })
        {
            Assert.Contains(part, run.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("route pin loans 1", "settings", """{"pinnedVersion":1,"shadows":[3],"audit":"syncDurable"}""")]
    [InlineData("route pin loans", "settings", """{"shadows":[3],"audit":"syncDurable"}""")]
    [InlineData("route shadow loans 4 5", "settings", """{"shadows":[4,5],"audit":"syncDurable"}""")]
    [InlineData("route shadow loans", "settings", """{"shadows":[],"audit":"syncDurable"}""")]
    [InlineData(
        "route configure loans --pipeline FOLDER/pipeline.json", "settings",
        """{"shadows":[3],"audit":"syncDurable","pipeline":{"pre":[],"members":[{"upstream":"bureau"}],"post":[{"platt":{"a":-3,"b":1.5}}]}}""")]
    [InlineData("route split loans --percent 25", "canary", """{"version":2,"percent":25,"target":"champion"}""")]
    public async Task RouteChanges_KeepWhatTheyDoNotName(string command, string what, string sent)
    {
        gateway.On("GET", "/api/v1/routes/loans", StubAnswer.Json(Answer(nameof(Samples.Route))));
        gateway.On("POST", "/api/v1/routes/loans/" + what, StubAnswer.Json(Answer(nameof(Samples.Route))));

        var run = await RunAsync(command);

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        Assert.Contains("version 2 for 5 %", run.Out, StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(sent).RootElement, JsonDocument.Parse(gateway.Requests[^1].Text).RootElement), gateway.Requests[^1].Text);
    }

    [Fact]
    public async Task Promotion_Denied_IsSeven()
    {
        gateway.On("POST", "/api/v1/models/loans/versions/1/promotions", StubAnswer.Problem(409, "gate-denied", "1 rule blocks."));

        Assert.Equal(ExitCodes.Gate, (await RunAsync("version promote loans 1")).ExitCode);
    }

    [Fact]
    public async Task GateReplay_ThatDiffers_IsEight_AndNamesTheField()
    {
        gateway.On("GET", "/api/v1/gate-decisions/41/replay", StubAnswer.Json(Text(Samples.Replayed with
        {
            Reproduced = false, Mismatches = [new ReplayMismatch("rules[fairness-air].value", "0.71", "0.72")],
        })));

        var run = await RunAsync("gate replay 41");

        Assert.Equal(ExitCodes.VerificationFailed, run.ExitCode);
        Assert.Contains("rules[fairness-air].value", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunRetry_StartsTheChecksThatFailedUnderTheSameSeed_AndElseNothing()
    {
        gateway.OnEach("GET", "/api/v1/runs/r1",
            StubAnswer.Json(Text(Samples.Run with
            {
                Status = RunStatus.Failed, Seed = 7,
                Checks = [.. Samples.Run.Checks, new RunCheck("fairness.adverse_impact", RunCheckStatus.Failed, 1, "It broke off.")],
            })),
            StubAnswer.Json(Answer(nameof(Samples.Run))));
        gateway.On("POST", "/api/v1/models/loans/versions/1/runs", StubAnswer.Json(Answer(nameof(Samples.Run))));

        Assert.Equal(ExitCodes.Ok, (await RunAsync("run retry r1")).ExitCode);
        var asked = JsonDocument.Parse(gateway.Requests[^1].Text).RootElement;
        Assert.Equal("fairness.adverse_impact", Assert.Single(asked.GetProperty("checks").EnumerateArray()).GetString());
        Assert.Equal(7, asked.GetProperty("seed").GetInt64());

        var nothing = await RunAsync("run retry r1");
        Assert.Equal(ExitCodes.Conflict, nothing.ExitCode);
        Assert.Contains("No check of this run failed.", nothing.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, ExitCodes.Ok)]
    [InlineData(false, ExitCodes.Different)]
    public async Task Reproduce_FollowsTheRunAndSaysWhetherTheResultsAreTheSame(bool same, int exitCode)
    {
        var path = $"/api/v1/evidence/{Uri.EscapeDataString(Binding)}/reproduction";
        gateway.On("POST", path, StubAnswer.Json(Answer(nameof(Samples.Run))));
        gateway.On("GET", "/api/v1/runs/r1", StubAnswer.Json(Answer(nameof(Samples.Run))));
        gateway.On("GET", path, StubAnswer.Json(Text(Samples.Reproduction with { Same = same, Differences = same ? [] : [new ResultDifference("measures[0].value", "0.7", "0.71")] })));

        var run = await RunAsync($"reproduce {Binding} --engine slurm");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(!same, run.Out.Contains("measures[0].value", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Usage, (await RunAsync("reproduce nothing")).ExitCode);
    }

    [Fact]
    public async Task PolicyList_ShowsReleasesAndProposals()
    {
        gateway.On("GET", "/api/v1/policy/releases?pageSize=50", StubAnswer.Json(Answer(nameof(Samples.Releases))));
        gateway.On("GET", "/api/v1/policy/proposals?pageSize=50", StubAnswer.Json(Answer(nameof(Samples.Proposals))));

        var run = await RunAsync("policy list");

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Contains("p1", run.Out, StringComparison.Ordinal);
        Assert.Contains("starter", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LedgerVerify_AsksForEveryLog_AndAFindingIsEight()
    {
        gateway.On("GET", "/api/v1/ledger/logs", StubAnswer.Json($"[{Answer(nameof(Samples.Log))}]"));
        gateway.OnEach("POST", "/api/v1/ledger/logs/governance/verification",
            StubAnswer.Json(Answer(nameof(Samples.Verified))),
            StubAnswer.Json(Text(Samples.Verified with { Verified = false, Findings = ["segments/0.seg: changed"] })));

        Assert.Equal(ExitCodes.Ok, (await RunAsync("ledger verify")).ExitCode);
        var bad = await RunAsync("ledger verify");
        Assert.Equal(ExitCodes.VerificationFailed, bad.ExitCode);
        Assert.Contains("segments/0.seg: changed", bad.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ledger prove 3 --log inference", "/api/v1/ledger/logs/inference/proofs/3")]
    [InlineData("ledger keys", "/api/v1/ledger/logs/governance/keys")]
    [InlineData("ledger checkpoint", "/api/v1/ledger/logs/governance/checkpoint")]
    public async Task TextAnswers_ArePrintedAsTheyAre_OrAsAJsonString(string command, string path)
    {
        gateway.On("GET", path, StubAnswer.Text("line 1\nline 2\n"));

        Assert.Equal("line 1\nline 2\n", (await RunAsync(command)).Out.ReplaceLineEndings("\n"));
        Assert.Equal("line 1\nline 2\n", (await RunAsync(command, "--json")).Json.GetString());
    }

    [Fact]
    public async Task ReportDownload_WritesTheFile_AndLeavesNothingHalf()
    {
        byte[] pdf = [.. "%PDF-1.7"u8];
        gateway.On("GET", "/api/v1/reports/p1", new StubAnswer(200, "application/pdf", pdf));
        var path = folder.File("out/report.pdf");

        var run = await RunAsync($"report download p1 --out {path}", "--json");

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Equal(pdf, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(pdf.Length, run.Json.GetProperty("bytes").GetInt64());

        Assert.Equal(ExitCodes.NotFound, (await RunAsync($"report download p2 --out {path}")).ExitCode);
        Assert.Equal(pdf, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Subject_FromStandardInput_IsNotOnTheCommandLine()
    {
        gateway.On("POST", "/api/v1/erasures", StubAnswer.Json(Answer(nameof(Samples.Erasure))));

        var run = await Gov.RunAsync(Arguments("erasure request --subject - --ground objection"), Variables(), "c-17\n");

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Equal("""{"subject":"c-17","ground":"objection"}""", Assert.Single(gateway.Requests).Text);
    }

    [Fact]
    public async Task As_FetchesThePersonasToken()
    {
        gateway.On("POST", "/dev/token", StubAnswer.Json("""{"accessToken":"personal","tokenType":"Bearer","expiresAt":"2099-01-01T00:00:00Z"}"""));
        gateway.On("GET", "/api/v1/me", StubAnswer.Json(Answer(nameof(Samples.Me))));

        var run = await Gov.RunAsync("whoami", "--as", "dana", "--url", gateway.Address.AbsoluteUri);

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Equal("Bearer personal", gateway.Requests[1].Headers["Authorization"]);
    }

    [Fact]
    public async Task IdempotencyKey_IsTheOneGiven()
    {
        gateway.On("POST", "/api/v1/erasures/e1/execution", StubAnswer.Json(Answer(nameof(Samples.Erasure))));

        await RunAsync("erasure execute e1 --idempotency-key once");

        Assert.Equal("once", Assert.Single(gateway.Requests).Headers["Idempotency-Key"]);
    }

    [Fact]
    public async Task TextFromElsewhere_CannotSteerTheTerminal()
    {
        gateway.On("GET", "/api/v1/me", StubAnswer.Json(Text(Samples.Me with { Name = "\u001b[2JDana [red]x[/]" })));

        var run = await RunAsync("whoami");

        Assert.DoesNotContain('\u001b', run.Out);
        Assert.Contains("Dana [red]x[/]", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_Is130()
    {
        using var source = new CancellationTokenSource();
        gateway.On("GET", "/api/v1/me", async (_, gone) =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, gone);
            return StubAnswer.Json("{}");
        });

        var run = await Gov.RunAsync(Arguments("whoami"), Variables(), cancellationToken: source.Token);

        Assert.Equal(ExitCodes.Cancelled, run.ExitCode);
        Assert.Empty(run.Out);
    }

    private static string Answer(string sample) => Text(typeof(Samples).GetProperty(sample)!.GetValue(null)!);

    private static string Text(object value) => JsonSerializer.Serialize(value, value.GetType(), GovernanceJson.Options);

    private Task<Gov> RunAsync(string command, params string[] more) => Gov.RunAsync([.. Arguments(command), .. more], Variables());

    private string[] Arguments(string command) => command.Replace("FOLDER", folder.Path, StringComparison.Ordinal).Split(' ');

    private Dictionary<string, string> Variables() => new() { ["GOV_URL"] = gateway.Address.AbsoluteUri, ["GOV_TOKEN"] = "t" };
}
