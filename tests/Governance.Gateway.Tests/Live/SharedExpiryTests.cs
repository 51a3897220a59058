using System.Diagnostics;
using System.Globalization;
using System.Net;
using Governance.Client.Contracts;
using Governance.Gateway.Tests.Api;
using Governance.Testing;

namespace Governance.Gateway.Tests.Live;

/// <summary>
/// Two gateways on one PostgreSQL whose clock is set on: evidence, an approval and a waiver end, the schedules notice it on one of them, and both tell callers by
/// which rule nobody answers. The schedules run every second here. How long it took is printed, not judged.
/// </summary>
public sealed class SharedExpiryTests : IAsyncDisposable
{
    private const string Waivers = "/api/v1/waivers";
    private readonly SettableTime time = new();
    private SharedLog? log;
    private TestGateway? first;
    private TestGateway? second;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in new[] { second, first }.OfType<TestGateway>())
        {
            await gateway.DisposeAsync();
        }

        log?.Dispose();
    }

    [Fact]
    public async Task Evidence_an_approval_and_a_waiver_that_end_stop_both_gateways_with_the_rule()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        await StartAsync();
        var a = first!;

        await Lender.RunAsync(a, 1, "validation.discrimination");
        await PromotedAsync(1);
        time.Set(TimeSpan.FromDays(3));
        await StoppedAsync("evidence", "evidence-recent");

        await Lender.RunAsync(a, 2, "validation.discrimination");
        (await Lender.SignOffAsync(a, 2, "victor", "validator")).MustBe(HttpStatusCode.Created);
        await PromotedAsync(2);
        time.Set(TimeSpan.FromDays(1.5));
        await StoppedAsync("approval", "approval-recent");

        (await a.PostAsync(Waivers, new { modelId = Lender.Model, version = 3, rule = "tier-known", reason = "r", risk = "r", control = "c", exit = "e", expires = time.GetUtcNow().AddDays(2) }, "dana"))
            .MustBe(HttpStatusCode.Created);
        foreach (var (persona, role) in new[] { ("olivia", "owner"), ("chris", "committee") })
        {
            (await a.PostAsync($"{Waivers}/{Lender.Model}.w1/approvals", new { role, comment = "Yes." }, persona)).MustBe(HttpStatusCode.OK);
        }

        await PromotedAsync(3);
        time.Set(TimeSpan.FromDays(3));
        await StoppedAsync("waiver", "tier-known");
    }

    private async Task PromotedAsync(int version)
    {
        (await Lender.PromoteAsync(first!, version)).MustBe(HttpStatusCode.Created);
        await BothAsync($"promotion of version {version}", answer => answer.Status == HttpStatusCode.OK && answer.Json["model_version"]!.GetValue<string>() == version.ToString(CultureInfo.InvariantCulture));
    }

    private Task StoppedAsync(string what, string rule) => BothAsync("end of " + what, answer =>
    {
        if (answer.Status == HttpStatusCode.OK)
        {
            return false;
        }

        Assert.Equal(rule, answer.MustBe(HttpStatusCode.Conflict, "suspended").Json["rule"]!.GetValue<string>());
        return true;
    });

    /// <summary>Asks each gateway until it answers as expected. Tokens ended with the time they were issued for.</summary>
    private async Task BothAsync(string what, Func<Answer, bool> expected)
    {
        var since = Stopwatch.GetTimestamp();
        foreach (var gateway in new[] { first!, second! })
        {
            gateway.ForgetTokens();
            Answer answer;
            while (!expected(answer = await gateway.PostAsync(Lender.Route, LiveRoute.Call("EXPIRY"), "loans-app")))
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1), $"{what} is not heeded: {answer}");
                await Task.Delay(5, Token);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms on both"));
    }

    private async Task StartAsync()
    {
        log = new SharedLog();
        const string EverySecond = "Schedules:Cron:lapses=* * * * * ?";
        first = await TestGateway.StartAsync(log.Folder("a"), time, [.. log.Settings("a"), EverySecond, "Schedules:Cron:monitors=* * * * * ?"]);
        await Lender.PublishAsync(first, Ending());
        await Lender.RegisterAsync(first);
        foreach (var file in new[] { LiveRoute.Another, Lender.Corrected.Onnx, LiveRoute.Other })
        {
            await Lender.SubmitAsync(first, Lender.Corrected with { Onnx = file }, Lender.Reviewed);
        }

        // The second puts nothing before the gate by itself: it has to hear of it.
        log.CopyKeys("a", "b");
        second = await TestGateway.StartAsync(log.Folder("b"), time, [.. log.Settings("b"), EverySecond, "Schedules:Cron:monitors=0 0 0 1 7 ?"]);
    }

    /// <summary>Asks for little, but looks at what ends while a version serves.</summary>
    private static PolicyFiles Ending()
    {
        var lenient = LiveRoute.Lenient();
        var files = new Dictionary<string, string>(lenient.Files!, StringComparer.Ordinal)
        {
            ["params.yaml"] = """
                apiVersion: governance/v1
                kind: Params
                metadata: {name: lenient, owner: risk}
                spec:
                  parameters:
                    - {name: waiver_lapse_suspends, type: boolean, value: true, description: d, basis: b}
                """,
            ["ending.yaml"] = """
                apiVersion: governance/v1
                kind: Policy
                metadata: {name: ending, title: What a version serves on has not ended}
                spec:
                  variables:
                    - name: approvals
                      expression: signoffs.filter(s, s.meaning.startsWith('approved')).map(s, s.time)
                  validations:
                    - id: evidence-recent
                      title: Evidence is recent
                      when: size(evidence) > 0
                      value: math.greatest(evidence.transformList(check, item, item.age_days))
                      threshold: "2.0"
                      expression: value <= threshold
                      message: Some evidence is too old.
                      citation: House
                      rationale: Populations move.
                      remediation: Run the checks again.
                    - id: approval-recent
                      title: The approval is recent
                      when: size(approvals) > 0
                      value: double(math.least(approvals.map(t, (request.time - t).getHours()))) / 24.0
                      threshold: "1.0"
                      expression: value <= threshold
                      message: The approval is too old.
                      citation: House
                      rationale: What was true may no longer be.
                      remediation: Sign again.
                ---
                apiVersion: governance/v1
                kind: Binding
                metadata: {name: ending-while-serving}
                spec: {policy: ending, gates: [monitor]}
                """,
            ["tier.yaml"] = lenient.Files!["tier.yaml"].Replace("remediation: Confirm the tier.", "remediation: Confirm the tier.\n      waivable: true", StringComparison.Ordinal),
        };
        return lenient with { Files = files };
    }
}
