using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>Both logs as C2SP tiles over HTTP, checked by the tile verifier and through a witness; keys rotated under it.</summary>
public sealed class LogReadViewTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("governance")]
    [InlineData("inference")]
    public async Task A_log_verifies_from_its_tiles_alone(string name)
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path);
        if (name == "inference")
        {
            var log = gateway.Services.GetService(typeof(Hosting.GovernanceLogs)) as Hosting.GovernanceLogs;
            await log!.Inference.Log.AppendAsync([.. Enumerable.Range(0, 300).Select(i => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(new { type = "inference.v1", i }))], Token);
        }

        var (source, keys) = await SourceAsync(gateway, name);
        var report = await TileVerifier.FsckAsync(source, new VerificationRequest { Keys = keys, Sample = 2 }, Token);
        Assert.Empty(report.Findings);
        Assert.True(report.Checkpoint!.Size >= (name == "inference" ? 300 : 1));

        // Entries as the list gives them, one by one.
        var one = await gateway.ReadAsync($"/api/v1/ledger/logs/{name}/entries/0");
        var listed = (await gateway.ReadAsync($"/api/v1/ledger/logs/{name}/entries?pageSize=1"))["items"]![0]!;
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(listed, one));
        var tiles = await TileLog.OpenAsync(source, keys[0].Name, keys, Token);
        Assert.Equal(one["leafHash"]!.GetValue<string>(), MerkleTree.LeafHash(await tiles.ReadAsync(0, Token)).ToString());
    }

    [Fact]
    public async Task Headers_are_those_of_the_specification()
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path);
        const string Log = "/api/v1/ledger/logs/governance/";
        var checkpoint = await gateway.GetAsync(Log + "checkpoint");
        Assert.Equal(("text/plain; charset=utf-8", "no-cache"), (checkpoint.Headers["Content-Type"], checkpoint.Headers["Cache-Control"]));
        var size = Checkpoint.Parse(checkpoint.Text[..(checkpoint.Text.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)])!.Size;
        foreach (var path in new[] { $"tile/0/000.p/{size}", $"tile/entries/000.p/{size}" })
        {
            var tile = await gateway.GetAsync(Log + path);
            Assert.Equal(HttpStatusCode.OK, tile.Status);
            Assert.Equal("application/octet-stream", tile.Headers["Content-Type"]);
            Assert.Contains("immutable", tile.Headers["Cache-Control"], StringComparison.Ordinal);
            Assert.False(tile.Headers.ContainsKey("Content-Encoding"));
        }

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await gateway.TokenAsync("audrey"));
        foreach (var (asked, packed) in new[] { ("gzip", true), ("br, gzip;q=0.5", true), ("gzip;q=0", false), ("br", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Address, $"{Log}tile/entries/000.p/{size}"));
            request.Headers.TryAddWithoutValidation("Accept-Encoding", asked);
            using var response = await http.SendAsync(request, Token);
            Assert.Equal(packed, response.Content.Headers.ContentEncoding.Contains("gzip"));
            Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        }

        (await gateway.GetAsync($"{Log}tile/0/000.p/{size}", persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_rotated_key_is_in_the_trail_that_is_served()
    {
        Assert.SkipUnless(Ed25519NoteSigner.IsSupported, "Ed25519 needs OpenSSL: apt-get install libssl3");
        using var folder = new TempFolder();
        byte[] saved;
        await using (var gateway = await TestGateway.StartAsync(folder.Path))
        {
            saved = (await gateway.GetAsync("/api/v1/ledger/logs/governance/checkpoint")).Body;
        }

        using (var next = Ed25519NoteSigner.Create("governance.local/governance"))
        {
            var path = folder.File("keys/governance-log.next.pem");
            await File.WriteAllTextAsync(path, next.ExportPem(), Token);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }

        for (var start = 0; start < 2; start++)
        {
            await using var gateway = await TestGateway.StartAsync(folder.Path);
            var (source, keys) = await SourceAsync(gateway, "governance");
            Assert.Equal(2, keys.Count);
            Assert.Empty((await TileVerifier.VerifyAsync(source, new VerificationRequest { Keys = keys, SavedCheckpoints = [saved] }, Token)).Findings);
            Assert.Empty((await TileVerifier.VerifyAsync(source, new VerificationRequest { Keys = [keys[1]] }, Token)).Findings);
            File.Delete(folder.File("keys/governance-log.pem"));
        }
    }

    [Fact]
    public async Task A_witness_cosigns_both_logs_and_receipts_carry_it()
    {
        Assert.SkipUnless(Ed25519NoteSigner.IsSupported, "Ed25519 needs OpenSSL: apt-get install libssl3");
        using var folder = new TempFolder();
        using var state = new TempFolder();
        List<NoteVerifier> logs = [];
        await using (var gateway = await TestGateway.StartAsync(folder.Path))
        {
            foreach (var name in new[] { "governance", "inference" })
            {
                logs.AddRange((await SourceAsync(gateway, name)).Keys);
            }
        }

        using var key = Ed25519NoteSigner.CreateCosigner("witness.test/w");
        using var witness = Witness.Open(state.Path, new WitnessOptions { Cosigners = [key], Logs = logs });
        await using var server = await StubGateway.StartAsync();
        server.On("POST", "/add-checkpoint", (request, _) =>
        {
            var answer = witness.AddCheckpoint(request.Body);
            return Task.FromResult(new StubAnswer(answer.Status, answer.ContentType, answer.Body));
        });
        var policyText = $"witness w {key.Verifier} {server.Address}\nquorum w\n";
        await File.WriteAllTextAsync(state.File("policy"), policyText, Token);
        var policy = WitnessPolicy.Parse(policyText);
        await using (var gateway = await TestGateway.StartAsync(folder.Path, "WitnessPolicy=" + state.File("policy")))
        {
            var started = Stopwatch.GetTimestamp();
            while (witness.LatestOf("governance.local/governance") is null
                || !policy.IsSatisfiedBy(SignedNote.TryParse((await gateway.GetAsync("/api/v1/ledger/logs/governance/checkpoint")).Body, out var note, out _) ? note : throw new InvalidOperationException(), out _))
            {
                Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "no cosignature came");
                await Task.Yield();
            }

            var (source, keys) = await SourceAsync(gateway, "governance");
            Assert.Empty((await TileVerifier.FsckAsync(source, new VerificationRequest { Keys = keys, Policy = policy }, Token)).Findings);
            var proof = await gateway.GetAsync("/api/v1/ledger/logs/governance/proofs/0");
            Assert.True(InclusionReceipt.TryParse(proof.Body, out var receipt, out var error), error);
            Assert.True(policy.IsSatisfiedBy(receipt.Checkpoint, out _));
        }
    }

    private static async Task<(ITileSource Source, IReadOnlyList<NoteVerifier> Keys)> SourceAsync(TestGateway gateway, string name)
    {
        var prefix = $"/api/v1/ledger/logs/{name}";
        var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await gateway.TokenAsync("audrey"));
        var keys = (await gateway.GetAsync(prefix + "/keys")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(NoteVerifier.Parse).ToList();
        return (new HttpTileSource(http, new Uri(gateway.Address, prefix), TimeSpan.FromSeconds(30)), keys);
    }
}
