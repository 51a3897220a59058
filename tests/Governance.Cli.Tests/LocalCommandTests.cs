using System.Text.Json;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>Commands that need no gateway.</summary>
public sealed class LocalCommandTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Checks_ListAndDescribe()
    {
        var list = await Gov.RunAsync("checks", "list", "--json");

        Assert.Equal(ExitCodes.Ok, list.ExitCode);
        var ids = list.Json.EnumerateArray().Select(c => c.GetProperty("id").GetString()!).ToList();
        Assert.Contains("fairness.adverse_impact", ids);
        foreach (var id in ids)
        {
            var one = await Gov.RunAsync("checks", "describe", id);
            Assert.Equal(ExitCodes.Ok, one.ExitCode);
            Assert.Contains(id, one.Out, StringComparison.Ordinal);
            Assert.True(one.Out.Split('\n').Length < 200, id);
        }

        var described = await Gov.RunAsync("checks", "describe", "validation.stability", "--json");
        Assert.Equal("integer", described.Json.GetProperty("parameterSchema").GetProperty("properties").GetProperty("bins").GetProperty("type").GetString());
        Assert.Equal(4, described.Json.GetProperty("resultSchema").GetProperty("properties").GetProperty("measures").GetProperty("items").GetProperty("oneOf").GetArrayLength());
        Assert.Equal(0.25, described.Json.GetProperty("thresholds")[0].GetProperty("tiers")[0].GetDouble());
    }

    [Fact]
    public async Task Dataset_ProfileAndSplit_NeedNoGateway()
    {
        await File.WriteAllTextAsync(folder.File("d.csv"), "income,month,label\n1,2026-01,0\n2,2026-02,1\n2.5,2026-03,0\n,2026-01,1\n", Token);
        await File.WriteAllTextAsync(
            folder.File("s.json"),
            """{"columns": [{"name": "income", "role": "feature", "type": "number32", "missing": "keep"}, {"name": "month", "role": "ignored", "type": "text", "missing": "keep"}, {"name": "label", "role": "label", "type": "number64", "missing": "refuse"}]}""",
            Token);
        string[] source = [folder.File("d.csv"), "--schema", folder.File("s.json")], parts = ["--first", folder.File("a.csv"), "--second", folder.File("b.csv")];

        var profile = await Gov.RunAsync(["dataset", "profile", .. source, "--json"]);
        Assert.True(profile.ExitCode == ExitCodes.Ok, profile.Error);
        Assert.Equal((3, 1), (profile.Json.GetProperty("columns")[0].GetProperty("count").GetInt32(), profile.Json.GetProperty("columns")[0].GetProperty("missing").GetInt32()));

        var byTime = await Gov.RunAsync(["dataset", "split", .. source, "--time", "month", "--cut", "2026-02", .. parts, "--json"]);
        Assert.True(byTime.ExitCode == ExitCodes.Ok, byTime.Error);
        Assert.Equal("income,month,label\n1,2026-01,0\n,2026-01,1\n", await File.ReadAllTextAsync(folder.File("a.csv"), Token));
        Assert.Equal("income,month,label\n2,2026-02,1\n2.5,2026-03,0\n", await File.ReadAllTextAsync(folder.File("b.csv"), Token));
        Assert.Equal("split by time at month = 2026-02, second part", byTime.Json[1].GetProperty("lineage").GetProperty("recipe").GetString());
        Assert.Equal(Core.Digest.Of(await File.ReadAllBytesAsync(folder.File("b.csv"), Token)).ToString(), byTime.Json[1].GetProperty("digest").GetString());
        Assert.Equal(Core.Digest.Of(await File.ReadAllBytesAsync(folder.File("d.csv"), Token)).ToString(), byTime.Json[0].GetProperty("lineage").GetProperty("parents")[0].GetString());

        var bySeed = await Gov.RunAsync(["dataset", "split", .. source, "--share", "0.5", "--seed", "7", .. parts, "--json"]);
        Assert.Equal(4, bySeed.Json.EnumerateArray().Sum(p => p.GetProperty("rows").GetInt32()));
        Assert.Equal(ExitCodes.Usage, (await Gov.RunAsync(["dataset", "split", .. source, "--share", "0.5", "--cut", "2026-02", .. parts])).ExitCode);
        Assert.Equal(ExitCodes.Usage, (await Gov.RunAsync(["dataset", "split", .. source, "--share", "2", "--seed", "7", .. parts])).ExitCode);
        Assert.Contains("no column 'day'", (await Gov.RunAsync(["dataset", "split", .. source, "--time", "day", "--cut", "1", .. parts])).Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", SharedMaterial.Conformance)]
    public async Task Checks_Run_IsTheSameForAnyNumberOfShards()
    {
        SharedMaterial.SkipUnlessPresent("cases/german_credit");
        var material = Path.Combine(SharedMaterial.Root, "cases", "german_credit");
        string[] command = ["checks", "run", "--case", material, "--model", "random_forest", "--check", "fairness.adverse_impact", "--check", "validation.discrimination", "--json"];

        var one = await Gov.RunAsync([.. command, "--shards", "1"]);
        var seven = await Gov.RunAsync([.. command, "--shards", "7"]);

        Assert.True(one.ExitCode == ExitCodes.Ok, one.Error);
        Assert.Equal(one.Out, seven.Out);
        Assert.Equal(2, one.Json.GetProperty("results").GetArrayLength());
    }

    /// <summary>A plan carries what a run compares with: the same settings give the same results as a run in this process.</summary>
    [Fact]
    [Trait("Category", SharedMaterial.Conformance)]
    public async Task Plan_WithSettings_GivesTheResultsOfChecksRun()
    {
        SharedMaterial.SkipUnlessPresent("cases/german_credit");
        var material = Path.Combine(SharedMaterial.Root, "cases", "german_credit");
        var other = Path.Combine(material, "models", "logistic_regression.onnx");
        await File.WriteAllTextAsync(folder.File("f.json"), """{"month": {"isMutable": false, "reasonCode": "R7"}}""", Token);
        string[] settings =
        [
            "--case", material, "--model", "xgboost", "--check", "validation.champion_challenger", "--check", "fairness.alternatives", "--check", "explainability.reason_stability", "--champion", other,
            "--previous", other, "--alternative", "plain=" + other, "--features", folder.File("f.json"), "--parameter", "explainability.reason_stability.max_rows=100", "--seed", "1", "--json",
        ];

        var direct = await Gov.RunAsync(["checks", "run", .. settings]);
        var made = await Gov.RunAsync(["plan", "make", .. settings, "--slots", "2", "--jobs", folder.File("jobs")]);
        Assert.True(made.ExitCode == ExitCodes.Ok, made.Error);
        var planned = await Gov.RunAsync("plan", "run", made.Json.GetProperty("path").GetString()!, "--engine", "local", "--jobs", folder.File("jobs"), "--json");

        Assert.True(direct.ExitCode == ExitCodes.Ok, direct.Error);
        Assert.True(planned.ExitCode == ExitCodes.Ok, planned.Error);
        Assert.Equal(
            direct.Json.GetProperty("results").EnumerateArray().Select(r => (r.GetProperty("check").GetString(), JsonSerializer.Serialize(r))),
            planned.Json.GetProperty("outcomes").EnumerateArray().Select(o => (o.GetProperty("check").GetString(), JsonSerializer.Serialize(o.GetProperty("result")))));
        Assert.Equal(ExitCodes.Usage, (await Gov.RunAsync(["plan", "make", .. settings, "--parameter", "validation.stability.bins=2.5", "--jobs", folder.File("jobs")])).ExitCode);
    }

    /// <summary>The same data and model as single files: schema, champion, parameters and what a person can change from the command line.</summary>
    [Fact]
    public async Task Checks_Run_OnSingleFiles()
    {
        var random = new Data.SeededRandom(4);
        var rows = Enumerable.Range(0, 400).Select(i => (A: random.NextNormal(), B: random.NextNormal(), Sex: i % 2 == 0 ? "male" : "female")).ToArray();
        var lines = rows.Select(r => FormattableString.Invariant($"{r.A:R},{r.B:R},{r.Sex},{(r.A + (random.NextNormal() / 2) > 0 ? 1 : 0)}"));
        await File.WriteAllLinesAsync(folder.File("t.csv"), lines.Prepend("a,b,sex,label"), Token);
        await File.WriteAllTextAsync(folder.File("s.json"), """
            {"columns":[{"name":"a","role":"feature","type":"number32","missing":"refuse"},{"name":"b","role":"feature","type":"number32","missing":"refuse"},
            {"name":"sex","role":"protected","type":"category","missing":"refuse"},{"name":"label","role":"label","type":"number64","missing":"refuse"}]}
            """, Token);
        await File.WriteAllBytesAsync(folder.File("m.onnx"), Models.Onnx.OnnxWriter.Write(new Models.LogisticModel(["a", "b"], 0, [2, 0.1]), "m"), Token);
        await File.WriteAllBytesAsync(folder.File("c.onnx"), Models.Onnx.OnnxWriter.Write(new Models.LogisticModel(["a", "b"], 0, [0.5, 1]), "c"), Token);
        await File.WriteAllTextAsync(folder.File("f.json"), """{"b": {"isMutable": false, "group": "conduct", "reasonCode": "R7"}}""", Token);
        string[] command =
        [
            "checks", "run", "--model", folder.File("m.onnx"), "--data", folder.File("t.csv"), "--schema", folder.File("s.json"), "--training", folder.File("t.csv"), "--champion", folder.File("c.onnx"),
            "--alternative", "other=" + folder.File("c.onnx"), "--reference", "sex=male", "--features", folder.File("f.json"), "--parameter", "robustness.evasion.max_rows=50", "--json",
        ];

        var run = await Gov.RunAsync([.. command]);

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        var ran = run.Json.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("check").GetString()).ToArray();
        Assert.Contains("validation.champion_challenger", ran);
        Assert.Contains("fairness.alternatives", ran);
        Assert.DoesNotContain("privacy.reference_attack", ran);
        var tests = run.Json.GetProperty("tests").EnumerateArray().ToArray();
        Assert.Contains(tests, t => t.GetProperty("gates").GetBoolean());
        Assert.Contains(tests, t => !t.GetProperty("gates").GetBoolean());
        Assert.All(tests, t => Assert.True(t.GetProperty("adjusted").GetDouble() >= t.GetProperty("pValue").GetDouble()));
        Assert.Equal(Governance.Checks.CheckCatalogue.Standard.Count, ran.Length + run.Json.GetProperty("notApplicable").GetArrayLength());
        Assert.Equal(ExitCodes.Usage, (await Gov.RunAsync([.. command, "--parameter", "nonsense"])).ExitCode);
        Assert.Equal(ExitCodes.Usage, (await Gov.RunAsync("checks", "run", "--model", folder.File("m.onnx"))).ExitCode);
    }

    [Fact]
    public async Task PolicyLint_OfABrokenPack_ShowsLineAndCaret()
    {
        await File.WriteAllTextAsync(folder.File("pack.yaml"), "apiVersion: governance/v1\nkind: Nonsense\nmetadata: {name: x}\n", Token);

        var run = await Gov.RunAsync("policy", "lint", folder.Path);

        Assert.Equal(ExitCodes.Invalid, run.ExitCode);
        Assert.Contains("pack.yaml:", run.Out, StringComparison.Ordinal);
        Assert.False((await Gov.RunAsync("policy", "lint", folder.Path, "--json")).Json.GetProperty("valid").GetBoolean());
    }

    [Fact]
    public async Task StarterPack_LintsAndPassesItsTests()
    {
        var pack = Path.Combine(SharedMaterial.RepositoryRoot, "policies", "starter");

        Assert.Equal(ExitCodes.Ok, (await Gov.RunAsync("policy", "lint", pack)).ExitCode);
        var tests = await Gov.RunAsync("policy", "test", pack, "--json");
        Assert.True(tests.ExitCode == ExitCodes.Ok, tests.Out);
        Assert.True(tests.Json.GetProperty("passed").GetBoolean());

        // Nothing is known: every rule that needs something is a gap, and the gate stays shut.
        Assert.Equal(ExitCodes.Gate, await ExplainAsync("{}"));
        Assert.Equal(ExitCodes.Invalid, await ExplainAsync("[]"));

        async Task<int> ExplainAsync(string input) => (await Gov.RunAsync(["policy", "explain", pack, "--input", "-"], new Dictionary<string, string>(), input)).ExitCode;
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("fsck")]
    public async Task Ledger_SoundFolder_Verifies_WithKeysAndReceipt(string command)
    {
        var (log, receipt, keys) = await WriteLogAsync();

        var run = await Gov.RunAsync("ledger", command, log, "--keys", keys, "--receipt", receipt, "--json");

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error + run.Out);
        Assert.True(run.Json.GetProperty("verified").GetBoolean());
        Assert.Equal("given", run.Json.GetProperty("keys").GetString());
        Assert.Equal(20, run.Json.GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task Ledger_OneFlippedBit_IsEight_AndSaysWhere()
    {
        var (log, _, _) = await WriteLogAsync();
        var segment = Directory.EnumerateFiles(Path.Combine(log, "segments"), "*.seg").Single();
        var bytes = await File.ReadAllBytesAsync(segment, Token);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Token);

        var run = await Gov.RunAsync("ledger", "fsck", log);

        Assert.Equal(ExitCodes.VerificationFailed, run.ExitCode);
        Assert.Contains("segments/" + Path.GetFileName(segment), run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ledger_ReceiptOfAnotherLog_DoesNotHold()
    {
        var (log, _, keys) = await WriteLogAsync();
        var (_, foreign, _) = await WriteLogAsync("other");

        var run = await Gov.RunAsync("ledger", "verify", log, "--keys", keys, "--receipt", foreign);

        Assert.Equal(ExitCodes.VerificationFailed, run.ExitCode);
    }

    private async Task<(string Log, string Receipt, string Keys)> WriteLogAsync(string name = "log")
    {
        var path = folder.File(name);
        using var signer = EcdsaNoteSigner.Create("example.org/" + name);
        await using (var log = LedgerLog.Open(path, new LedgerOptions { Signers = [signer] }))
        {
            await log.AppendAsync([.. Enumerable.Range(0, 20).Select(i => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes($"{name} entry {i}"))], Token);
            log.PublishCheckpoint();
            await File.WriteAllBytesAsync(path + ".proof", log.Reader.Receipt(7)!.ToBytes(), Token);
        }

        await File.WriteAllTextAsync(path + ".keys", signer.Verifier + "\n", Token);
        return (path, path + ".proof", path + ".keys");
    }
}
