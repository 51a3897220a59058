using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Client.Receipts;
using Governance.Client.Tokens;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Client.Tests;

public sealed class GovernanceClientTests : IAsyncLifetime
{
    private StubGateway gateway = null!;
    private HttpClient http = null!;
    private GovernanceClient client = null!;


    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        gateway = await StubGateway.StartAsync();
        http = GovernanceClient.CreateHttpClient(gateway.Address);
        client = Client(new GovernanceClientOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Get_ReadsTheContract_AndSendsTheToken()
    {
        gateway.On("GET", "/api/v1/models/loans", StubAnswer.Json(Samples.Model));

        var model = await client.GetModelAsync("loans", null, Token);

        Assert.Equal("loans", model.Registration.Id);
        Assert.Equal(Tier.One, model.Registration.Tier);
        Assert.Equal("Bearer secret", Assert.Single(gateway.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task Get_AnswerOfANewerGateway_UnknownMembersAreIgnored()
    {
        gateway.On("GET", "/api/v1/models/loans", StubAnswer.Json(Samples.Model.Replace("\"tierConfirmed\"", "\"fromTheFuture\":{\"a\":1},\"tierConfirmed\"", StringComparison.Ordinal)));

        Assert.True((await client.GetModelAsync("loans", null, Token)).TierConfirmed);
    }

    [Fact]
    public async Task Get_NamesAreEscaped()
    {
        gateway.On("GET", "/api/v1/models/a%2Fb%3F", StubAnswer.Json(Samples.Model));

        await client.GetModelAsync("a/b?", null, Token);
    }

    [Fact]
    public async Task Get_AsOf_IsUtc()
    {
        gateway.On("GET", "/api/v1/models/loans?asOf=2026-03-31T10%3A00%3A00Z", StubAnswer.Json(Samples.Model));

        await client.GetModelAsync("loans", new DateTimeOffset(2026, 3, 31, 12, 0, 0, TimeSpan.FromHours(2)), Token);
    }

    [Fact]
    public async Task Refusal_CarriesTheProblemAndTheGate()
    {
        const string Digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
        var body = $$$"""
            {"type":"urn:governance:problem:gate-denied","title":"Denied","status":409,"detail":"2 rules block.","code":"gate-denied","traceId":"t1",
            "gate":{"gate":"promote","status":"denied","policy":"starter 1","policyDigest":"{{{Digest}}}","paramsDigest":"{{{Digest}}}","inputDigest":"{{{Digest}}}","rules":[]}}
            """;
        gateway.On("POST", "/api/v1/models/loans/versions/1/promotions", new StubAnswer(409, "application/problem+json", Encoding.UTF8.GetBytes(body)));

        var refusal = await Assert.ThrowsAsync<GovernanceException>(() => client.PromoteAsync("loans", 1, PromotionTarget.Champion, null, Token));

        Assert.Equal("gate-denied", refusal.Code);
        Assert.Equal("2 rules block.", refusal.Message);
        Assert.Equal(GateStatus.Denied, refusal.Problem.Gate!.Status);
        Assert.Single(gateway.Requests);
    }

    [Theory]
    [InlineData(500, "text/html", "<h1>oops</h1>")]
    [InlineData(502, "application/problem+json", "not json")]
    [InlineData(403, "application/json", "null")]
    public async Task Refusal_WithoutAProblemDocument_IsABareOne(int status, string contentType, string body)
    {
        gateway.On("GET", "/api/v1/me", StubAnswer.Text(body, contentType, status));

        var refusal = await Assert.ThrowsAsync<GovernanceException>(() => client.GetMeAsync(Token));

        Assert.Equal(status, refusal.Status);
        Assert.Equal("http-" + status, refusal.Code);
    }

    [Fact]
    public async Task Answer_ThatIsNotTheContract_SaysSo()
    {
        gateway.On("GET", "/api/v1/me", StubAnswer.Json("""{"subject":1}"""));

        var refusal = await Assert.ThrowsAsync<GovernanceException>(() => client.GetMeAsync(Token));

        Assert.Equal("unexpected-answer", refusal.Code);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        gateway.On("GET", "/api/v1/me", StubAnswer.Text("", status: 302));

        Assert.Equal(302, (await Assert.ThrowsAsync<GovernanceException>(() => client.GetMeAsync(Token))).Status);
    }

    [Fact]
    public async Task Command_Repeated_CarriesTheSameKey()
    {
        gateway.OnEach("POST", "/api/v1/models/loans/tier",
            StubAnswer.Problem(503, "ledger-unavailable", "Not now"), StubAnswer.Text("", status: 502), StubAnswer.Json(Samples.Model));

        await client.ConfirmTierAsync("loans", Tier.One, null, Token);

        var keys = gateway.Requests.Select(r => r.Headers["Idempotency-Key"]).ToList();
        Assert.Equal(3, keys.Count);
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task Commands_WithoutAKey_GetDifferentOnes_AndAGivenKeyIsSent()
    {
        gateway.On("POST", "/api/v1/models/loans/tier", StubAnswer.Json(Samples.Model));

        await client.ConfirmTierAsync("loans", Tier.One, null, Token);
        await client.ConfirmTierAsync("loans", Tier.One, null, Token);
        await client.ConfirmTierAsync("loans", Tier.One, "mine", Token);

        var keys = gateway.Requests.Select(r => r.Headers["Idempotency-Key"]).ToList();
        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal("mine", keys[2]);
    }

    [Fact]
    public async Task Retries_AreBounded()
    {
        gateway.On("GET", "/api/v1/me", StubAnswer.Problem(503, "ledger-unavailable", "Not now"));

        Assert.Equal("ledger-unavailable", (await Assert.ThrowsAsync<GovernanceException>(() => client.GetMeAsync(Token))).Code);
        Assert.Equal(3, gateway.Requests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task Refusal_IsNotRepeated(int status)
    {
        gateway.On("GET", "/api/v1/me", StubAnswer.Problem(status, "no", "No"));

        await Assert.ThrowsAsync<GovernanceException>(() => client.GetMeAsync(Token));

        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task Inference_WithAnId_IsRepeatedAsItIs()
    {
        gateway.OnEach("POST", "/v2/models/loans/infer", StubAnswer.Problem(503, "overloaded", "Later"), StubAnswer.Json(
            """{"model_name":"loans","model_version":"1","id":"a-1","parameters":{"audit_log":"inference"},"outputs":[]}"""));

        var answer = await client.InferAsync("loans", null, new InferRequest { Id = "a-1", Inputs = [] }, Token);

        Assert.Equal(2, gateway.Requests.Count);
        Assert.Equal(gateway.Requests[0].Text, gateway.Requests[1].Text);
        Assert.Null(AnswerReceipt.Of(answer));
    }

    [Fact]
    public async Task Receipt_IsCheckedOffline_AndAnotherEntryOrKeyOrProofIsNot()
    {
        using var folder = new TempFolder();
        using var signer = EcdsaNoteSigner.Create("bank/inference");
        await using var log = LedgerLog.Open(folder.Path, new LedgerOptions { Signers = [signer] });
        byte[][] entries = ["one"u8.ToArray(), "two"u8.ToArray(), "three"u8.ToArray()];
        await log.AppendAsync([.. entries.Select(e => (ReadOnlyMemory<byte>)e)], Token);
        log.PublishCheckpoint();
        gateway.On("GET", "/api/v1/ledger/logs/inference/proofs/1", StubAnswer.Text(log.Reader.Receipt(1)!.ToString()));
        gateway.On("GET", "/api/v1/ledger/logs/inference/proofs/2", StubAnswer.Text(log.Reader.Receipt(2)!.ToString()));
        var keys = AnswerReceipt.Keys(signer.Verifier.ToString()!);
        var answer = new InferResponse
        {
            ModelName = "loans", ModelVersion = "1", Outputs = [],
            Parameters = new JsonObject
            {
                ["audit_log"] = "inference", ["audit_index"] = 1L, ["receipt"] = new JsonArray(MerkleTree.LeafHash("two"u8).ToString(), MerkleTree.LeafHash("three"u8).ToString()),
            },
        };
        var receipt = AnswerReceipt.Of(answer)!;

        Assert.Empty(await client.VerifyAsync(receipt, keys, Token));
        Assert.Single(await client.VerifyAsync(receipt with { Leaves = [receipt.Leaves[0], receipt.Leaves[0]] }, keys, Token));
        Assert.False(receipt.Verify(0, log.Reader.Receipt(2)!.ToString(), keys, out _));
        using var other = EcdsaNoteSigner.Create("bank/inference");
        Assert.False(receipt.Verify(0, log.Reader.Receipt(1)!.ToString(), [other.Verifier], out _));
        Assert.False(receipt.Verify(0, "nonsense", keys, out _));
        answer.Parameters["receipt"] = "x";
        Assert.Throws<FormatException>(() => AnswerReceipt.Of(answer));
    }

    [Fact]
    public async Task Inference_WithoutAnId_IsNeverRepeated()
    {
        gateway.On("POST", "/v2/models/loans/infer", StubAnswer.Problem(503, "overloaded", "Later"));
        var request = new InferRequest
        {
            Parameters = new JsonObject { ["subject_id"] = "c-1" },
            Inputs = [new InferTensor("features", [1, 1], "FP32", JsonSerializer.SerializeToElement(new[] { 1f }))],
        };

        Assert.Equal("overloaded", (await Assert.ThrowsAsync<GovernanceException>(() => client.InferAsync("loans", null, request, Token))).Code);
        Assert.False(Assert.Single(gateway.Requests).Headers.ContainsKey("Idempotency-Key"));
    }

    [Fact]
    public async Task Unreachable_SaysWhere()
    {
        await gateway.StopAsync();

        var refusal = await Assert.ThrowsAsync<GovernanceException>(() => client.GetMeAsync(Token));

        Assert.Equal("gateway-unreachable", refusal.Code);
        Assert.Equal(503, refusal.Status);
        Assert.Contains(gateway.Address.AbsoluteUri, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_TimesOut()
    {
        gateway.On("GET", "/api/v1/me", NeverAsync);
        var hasty = Client(new GovernanceClientOptions { Timeout = TimeSpan.FromMilliseconds(100) });

        Assert.Equal("gateway-timeout", (await Assert.ThrowsAsync<GovernanceException>(() => hasty.GetMeAsync(Token))).Code);
    }

    [Fact]
    public async Task Cancelling_IsNotAnError()
    {
        using var source = new CancellationTokenSource();
        gateway.On("GET", "/api/v1/me", async (request, gone) =>
        {
            await source.CancelAsync();
            return await NeverAsync(request, gone);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetMeAsync(source.Token));
    }

    [Fact]
    public async Task Upload_IsMetadataThenFile_AndARepeatSendsTheSame()
    {
        using var folder = new TempFolder();
        var path = folder.File("train.csv");
        await File.WriteAllTextAsync(path, "a,label\n1,0\n", Token);
        gateway.OnEach("POST", "/api/v1/datasets", StubAnswer.Problem(503, "ledger-unavailable", "Not now"), StubAnswer.Problem(422, "dataset-refused", "No"));
        var dataset = new RegisterDatasetRequest
        {
            Id = "train", Name = "Train", Use = DatasetUse.Training, Schema = [], LegalBasis = "contract", RetentionMonths = 12,
        };

        await Assert.ThrowsAsync<GovernanceException>(() => client.RegisterDatasetAsync(dataset, path, "k", Token));

        Assert.Equal(2, gateway.Requests.Count);
        foreach (var request in gateway.Requests)
        {
            var metadata = request.Text.IndexOf("name=metadata", StringComparison.Ordinal);
            var file = request.Text.IndexOf("name=file", StringComparison.Ordinal);
            Assert.InRange(metadata, 0, file);
            Assert.Contains("a,label\n1,0\n", request.Text[file..], StringComparison.Ordinal);
            Assert.Contains("\"legalBasis\":\"contract\"", request.Text[metadata..file], StringComparison.Ordinal);
            Assert.StartsWith("multipart/form-data", request.Headers["Content-Type"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Watch_FollowsEvents_OpensAnEndedStreamAgain_AndEndsWithTheRun()
    {
        gateway.On("GET", "/api/v1/runs/r1", StubAnswer.Json(Samples.Run("running", 0)));
        gateway.OnEach("GET", "/api/v1/runs/r1/events",
            StubAnswer.Text($"event: run\ndata: {Samples.Run("running", 0.5)}\n\n", "text/event-stream"),
            StubAnswer.Text($"data: {Samples.Run("running", 0.9)}\n\ndata: {Samples.Run("succeeded", 1)}\n\ndata: {Samples.Run("running", 0)}\n\n", "text/event-stream"));

        Assert.Equal(
            [(RunStatus.Running, 0), (RunStatus.Running, 0.5), (RunStatus.Running, 0), (RunStatus.Running, 0.9), (RunStatus.Succeeded, 1)], await WatchAsync());
    }

    [Fact]
    public async Task Watch_AStreamThatBreaks_IsOpenedAgain()
    {
        gateway.On("GET", "/api/v1/runs/r1", StubAnswer.Json(Samples.Run("running", 0)));
        gateway.OnEach("GET", "/api/v1/runs/r1/events",
            new StubAnswer(200, "text/event-stream", Encoding.UTF8.GetBytes($"data: {Samples.Run("running", 0.5)}\n\ndata: half of"), Cut: true),
            StubAnswer.Text($"data: {Samples.Run("failed", 1)}\n\n", "text/event-stream"));

        Assert.Equal((RunStatus.Failed, 1), (await WatchAsync())[^1]);
    }

    [Fact]
    public async Task Persona_IsAskedOnce_AndAgainBeforeItExpires()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        gateway.OnEach("POST", "/dev/token",
            StubAnswer.Json(Samples.Persona("one", time.GetUtcNow().AddHours(1))), StubAnswer.Json(Samples.Persona("two", time.GetUtcNow().AddHours(9))));
        using var persona = new DevelopmentPersona(http, "dana", time);

        Assert.Equal("one", await persona.GetTokenAsync(Token));
        time.Advance(TimeSpan.FromMinutes(58));
        Assert.Equal("one", await persona.GetTokenAsync(Token));
        time.Advance(TimeSpan.FromMinutes(1.5));
        Assert.Equal("two", await persona.GetTokenAsync(Token));
        Assert.All(gateway.Requests, r => Assert.Equal("""{"persona":"dana"}""", r.Text));
    }

    [Fact]
    public async Task Persona_Unknown_IsTheGatewaysProblem()
    {
        gateway.On("POST", "/dev/token", StubAnswer.Problem(404, "unknown-persona", "Be one of: dana"));
        using var persona = new DevelopmentPersona(http, "nobody", TimeProvider.System);

        Assert.Equal("unknown-persona", (await Assert.ThrowsAsync<GovernanceException>(async () => await persona.GetTokenAsync(Token))).Code);
    }

    [Fact]
    public async Task Pages_AllOfThem()
    {
        const string Empty = "{\"items\":[],\"next\":null}";
        gateway.On("GET", "/api/v1/datasets?pageSize=200", StubAnswer.Json("{\"items\":[],\"next\":\"a b\"}"));
        gateway.On("GET", "/api/v1/datasets?pageSize=200&pageToken=a%20b", StubAnswer.Json(Empty));

        await foreach (var _ in Pages.AllAsync(client.ListDatasetsAsync, Token))
        {
            Assert.Fail("There are none.");
        }

        Assert.Equal(2, gateway.Requests.Count);
    }

    [Fact]
    public async Task Report_IsCopiedByteForByte()
    {
        byte[] pdf = [.. "%PDF-1.7"u8, 0, 255, 13, 10];
        gateway.On("GET", "/api/v1/reports/r", new StubAnswer(200, "application/pdf", pdf));
        using var copy = new MemoryStream();

        Assert.Equal(pdf.Length, await client.DownloadReportAsync("r", copy, Token));
        Assert.Equal(pdf, copy.ToArray());
    }

    private async Task<List<(RunStatus Status, double Progress)>> WatchAsync()
    {
        var seen = new List<(RunStatus, double)>();
        await foreach (var run in client.WatchRunAsync("r1", Token))
        {
            seen.Add((run.Status, run.Checks[0].Progress));
        }

        return seen;
    }

    private static async Task<StubAnswer> NeverAsync(StubRequest request, CancellationToken gone)
    {
        await Task.Delay(Timeout.Infinite, gone);
        return StubAnswer.Json("{}");
    }

    private GovernanceClient Client(GovernanceClientOptions options) => new(http, new FixedToken("secret"), options);
}
