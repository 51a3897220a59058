using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Serving;
using Governance.Gateway.Tests.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Protection;

/// <summary>
/// Thousands of requests changed by chance, over sockets, in every form of both protocols: each is answered or refused in the one form of errors, never with a
/// failure of ours, and nothing of them is in the log. <c>GOVERNANCE_FUZZ=first,count</c> takes other cases, one of which can be repeated so.
/// </summary>
[Collection(nameof(LenderFixture))]
public sealed class ParserFuzzTests(LenderFixture lender)
{
    private const int Workers = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_is_answered_or_refused_and_the_server_stays_well()
    {
        var cases = (Environment.GetEnvironmentVariable("GOVERNANCE_FUZZ") ?? "1,4000").Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var settings = new RouteSettings { Groups = [new GroupAttribute("sex", ["male", "female"])] };
        (await gateway.PostAsync($"/api/v1/routes/{Lender.Model}/settings", Encoding.UTF8.GetString(GovernanceJson.Serialize(settings)), "olivia")).MustBe(HttpStatusCode.OK);
        using var kept = new KeptLog();
        gateway.Services.GetRequiredService<ILoggerFactory>().AddProvider(kept);
        await gateway.TokenAsync("loans-app");

        var codes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(
            Enumerable.Range(cases[0], cases[1]), new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = Token },
            async (number, _) => codes.AddOrUpdate(await SendAsync(gateway, number), 1, (_, count) => count + 1));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", codes.OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value}")));

        (await gateway.GetAsync("/health/ready", persona: null)).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(gateway, "APP-AFTER")).MustBe(HttpStatusCode.OK);
        Assert.True((await gateway.PostAsync("/api/v1/ledger/logs/inference/verification", "", "audrey")).Json["verified"]!.GetValue<bool>());
        Assert.NotEmpty(kept.Lines);
        Assert.DoesNotContain(kept.Lines, line => line.Contains(MutatedRequest.Mark, StringComparison.Ordinal));
    }

    /// <returns>The code of the refusal, or that it was answered.</returns>
    private static async Task<string> SendAsync(TestGateway gateway, int number)
    {
        var request = MutatedRequest.Make(new Random(number));
        var content = new ByteArrayContent(request.Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        if (request.JsonLength is { } length)
        {
            content.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", length);
        }

        try
        {
            var answer = await gateway.SendAsync(HttpMethod.Post, request.Path, "loans-app", content);
            return answer.Status == HttpStatusCode.OK ? Answered(answer) : Refused(answer, request.Path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Case {number}: {request}", e);
        }
    }

    private static string Answered(Answer answer)
    {
        var json = answer.Headers.TryGetValue("Inference-Header-Content-Length", out var length) ? answer.Body[..int.Parse(length, CultureInfo.InvariantCulture)] : answer.Body;
        var said = JsonNode.Parse(json)!;
        Assert.NotNull(said["parameters"]!["receipt"]);
        Assert.NotEmpty((said["outputs"] ?? said["predictions"])!.AsArray());
        return "answered";
    }

    private static string Refused(Answer answer, string path)
    {
        Assert.InRange((int)answer.Status, 400, 499);
        answer.MustBe(answer.Status, answer.Code ?? "a problem");
        Assert.DoesNotContain(MutatedRequest.Mark, answer.Text, StringComparison.Ordinal);
        if (!path.StartsWith("/mlflow", StringComparison.Ordinal))
        {
            Assert.Equal(answer.Json["detail"]!.GetValue<string>(), answer.Json["error"]!.GetValue<string>());
        }

        return answer.Code!;
    }
}
