using System.Text;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary><c>gov ledger</c> on a folder, an export of it, and its tiles over HTTP: the same answers, and exit codes that say what is wrong.</summary>
public sealed class LedgerPlaceTests : IAsyncLifetime
{
    private const string Origin = "example.org/log";
    private const int Entries = 400;
    private readonly TempFolder folder = new();
    private readonly EcdsaNoteSigner signer = EcdsaNoteSigner.Create(Origin);
    private StubGateway server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => folder.File("log");

    private string Keys => folder.File("keys");

    private string Tiles => server.Address + "logs/one";

    public async ValueTask InitializeAsync()
    {
        server = await StubGateway.StartAsync();
        await WriteAsync(Log, 150);
        File.Copy(Path.Combine(Log, "checkpoint"), folder.File("saved"));
        await WriteAsync(Log, Entries - 150);
        await File.WriteAllTextAsync(Keys, signer.Verifier + "\n", Token);
        Serve(Log, "/logs/one/");
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        signer.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("verify", false)]
    [InlineData("verify", true)]
    [InlineData("fsck", false)]
    [InlineData("fsck", true)]
    public async Task Verdict_IsTheSame_FromFolderAndTiles(string command, bool served)
    {
        string[] more = command == "verify" ? ["--entry", "399", "--sample", "7"] : [];
        var run = await Gov.RunAsync(["ledger", command, served ? Tiles : Log, "--keys", Keys, "--since", folder.File("saved"), "--json", .. more]);

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error + run.Out);
        Assert.Equal("given", run.Json.GetProperty("keys").GetString());
        Assert.Equal(Entries, run.Json.GetProperty("size").GetInt64());
        Assert.Equal(command == "verify" ? 8 : Entries, run.Json.GetProperty("entries").GetInt64());
        Assert.All(server.Requests, r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public async Task ProveAndTail_AreTheSame_FromFolderAndTiles()
    {
        foreach (var place in new[] { Log, Tiles })
        {
            var proof = await Gov.RunAsync("ledger", "prove", "123", place, "--keys", Keys);
            Assert.True(proof.ExitCode == ExitCodes.Ok, proof.Error);
            Assert.True(InclusionReceipt.TryParse(Encoding.UTF8.GetBytes(proof.Out), out var receipt, out var error), error);
            Assert.True(receipt.Verify(Entry(123), Origin, [signer.Verifier], out error), error);
            await File.WriteAllTextAsync(folder.File("receipt"), proof.Out, Token);
            Assert.Equal(ExitCodes.Ok, (await Gov.RunAsync("ledger", "verify", place, "--keys", Keys, "--receipt", folder.File("receipt"))).ExitCode);

            var tail = await Gov.RunAsync("ledger", "tail", place, "--keys", Keys, "--page-size", "3", "--json");
            Assert.True(tail.ExitCode == ExitCodes.Ok, tail.Error);
            Assert.Equal([399, 398, 397], tail.Json.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("index").GetInt32()));
            Assert.Equal("396", tail.Json.GetProperty("next").GetString());
            Assert.Equal(ExitCodes.NotFound, (await Gov.RunAsync("ledger", "prove", "400", place, "--keys", Keys)).ExitCode);
        }
    }

    [Fact]
    public async Task RolledBackRewrittenDamagedAndUnreachable_HaveTheirCodes_AndSayWhere()
    {
        await WriteAsync(folder.File("other"), 300, "other ");
        await WriteAsync(folder.File("short"), 20);
        Serve(folder.File("other"), "/logs/other/");
        foreach (var place in new[] { folder.File("other"), server.Address + "logs/other" })
        {
            await FoundAsync("rewritten", "verify", place, "--keys", Keys, "--since", folder.File("saved"));
        }

        await FoundAsync("rolled back", "verify", folder.File("short"), "--keys", Keys, "--since", folder.File("saved"));
        await FoundAsync("covers 400 entries", "verify", Tiles, "--keys", Keys, "--entry", "400");
        server.On("GET", "/logs/one/tile/entries/001.p/144", new StubAnswer(200, "application/octet-stream", [0, 1]));
        await FoundAsync("tile/entries/001.p/144, entry 256", "fsck", Tiles, "--keys", Keys);
        var proof = await Gov.RunAsync("ledger", "tail", Tiles, "--keys", Keys);
        Assert.Equal((ExitCodes.VerificationFailed, ""), (proof.ExitCode, proof.Out));

        server.On("GET", "/logs/one/checkpoint", new StubAnswer(500, "text/html", "<html>"u8.ToArray()));
        Assert.Equal(ExitCodes.Unavailable, (await Gov.RunAsync("ledger", "verify", Tiles, "--keys", Keys)).ExitCode);
        Assert.Equal(ExitCodes.Invalid, (await Gov.RunAsync("ledger", "verify", Tiles)).ExitCode);
        Assert.Equal(ExitCodes.Usage, (await Gov.RunAsync("ledger", "verify", Log, "--sample", "-1")).ExitCode);

        async Task FoundAsync(string words, params string[] command)
        {
            var run = await Gov.RunAsync(["ledger", .. command]);
            Assert.Equal(ExitCodes.VerificationFailed, run.ExitCode);
            Assert.Contains(words, run.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Export_IsResumable_AndItsCopyVerifies()
    {
        var target = folder.File("copy");
        var first = await Gov.RunAsync("ledger", "export", Log, target, "--keys", Keys, "--json");
        Assert.True(first.ExitCode == ExitCodes.Ok, first.Error);
        Assert.True(first.Json.GetProperty("copied").GetInt32() > 1);
        var second = await Gov.RunAsync("ledger", "export", Log, target, "--keys", Keys, "--json");
        Assert.Equal((0, first.Json.GetProperty("copied").GetInt32()), (second.Json.GetProperty("copied").GetInt32(), second.Json.GetProperty("present").GetInt32()));
        var verdict = await Gov.RunAsync("ledger", "verify", target, "--keys", Keys, "--since", folder.File("saved"), "--json");
        Assert.True(verdict.ExitCode == ExitCodes.Ok, verdict.Out);
        Assert.Equal(first.Json.GetProperty("size").GetInt64(), verdict.Json.GetProperty("entries").GetInt64());

        var segment = Directory.GetFiles(Path.Combine(target, "segments"), "*.seg").Order(StringComparer.Ordinal).Last();
        await using (var file = File.OpenWrite(segment))
        {
            file.SetLength(file.Length - 1);
        }

        var again = await Gov.RunAsync("ledger", "export", Log, target, "--keys", Keys);
        Assert.Equal(ExitCodes.VerificationFailed, again.ExitCode);
        Assert.Contains("segments/" + Path.GetFileName(segment), again.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NotFound, (await Gov.RunAsync("ledger", "export", folder.File("none"), target)).ExitCode);
    }

    [Fact]
    public async Task Token_GoesToTheGatewayAlone()
    {
        await Gov.RunAsync("ledger", "verify", Tiles, "--keys", Keys, "--token", "secret", "--url", server.Address.ToString());
        Assert.All(server.Requests, r => Assert.Equal("Bearer secret", r.Headers["Authorization"]));
        await using var other = await StubGateway.StartAsync();
        await Gov.RunAsync("ledger", "verify", other.Address + "logs/one", "--keys", Keys, "--token", "secret", "--url", server.Address.ToString());
        Assert.NotEmpty(other.Requests);
        Assert.All(other.Requests, r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    private static byte[] Entry(long index, string prefix = "") => Encoding.UTF8.GetBytes($$"""{"type":"{{prefix}}test.v1","index":{{index}},"fill":"{{new string('x', 400)}}"}""");

    private async Task WriteAsync(string path, int count, string prefix = "")
    {
        await using var log = LedgerLog.Open(path, new LedgerOptions { Signers = [signer], MaximumSegmentBytes = 64 << 10, CheckpointInterval = TimeSpan.FromMinutes(10) });
        for (var i = 0; i < count; i += 10)
        {
            var first = log.Size;
            await log.AppendAsync([.. Enumerable.Range(0, 10).Select(k => (ReadOnlyMemory<byte>)Entry(first + k, prefix))], Token);
        }
    }

    private void Serve(string path, string prefix)
    {
        using var reader = LedgerReader.Open(path);
        var view = new TileView(reader);
        List<string> resources = ["checkpoint"];
        foreach (var level in new[] { "0", "entries" })
        {
            resources.AddRange(Enumerable.Range(0, (int)(reader.Size / 256)).Select(n => $"tile/{level}/{n:d3}"));
            resources.Add($"tile/{level}/{reader.Size / 256:d3}.p/{reader.Size % 256}");
        }

        resources.Add($"tile/1/000.p/{reader.Size / 256}");
        foreach (var resource in resources)
        {
            if (view.Get(resource) is { } bytes)
            {
                server.On("GET", prefix + resource, new StubAnswer(200, "application/octet-stream", bytes));
            }
        }
    }
}
