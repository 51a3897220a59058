using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Core.Gates;
using Governance.Policy.Gates;
using Governance.Policy.Guards;
using Governance.Policy.Tests.Gates;

namespace Governance.Policy.Tests.Guards;

/// <summary>Guards say what the gate evaluator would say, at the price of a request.</summary>
public sealed class ServeGuardTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonObject Model = new() { ["id"] = "m", ["tier"] = 1, ["jurisdictions"] = new JsonArray("EU", "GB") };
    private static readonly JsonObject Version = new() { ["number"] = 3 };
    private static readonly string[] Features = ["income", "debt"];

    private static readonly string[] Rules =
    [
        Rule("purpose", "request.purpose in ['credit-decision', 'limit-review']"),
        Rule("jurisdiction", "request.jurisdiction in model.jurisdictions"),
        Rule("caller", "request.actor.matches('^loans-[a-z]+$')"),
        Rule("batch", "request.rows <= params.rows_max"),
        Rule("range", "inputs.income.min >= 0.0 && inputs['debt'].max < highest"),
        Rule("hours", "request.time.getHours('Europe/Helsinki') < 22", "when: request.rows > 1"),
    ];

    [Theory]
    [InlineData("loans-app", "credit-decision", "EU", 1, 10f, 5f, null)]
    [InlineData("loans-app", "marketing", "EU", 1, 10f, 5f, "purpose:Violation")]
    [InlineData("loans-app", null, "EU", 1, 10f, 5f, "purpose:Gap")]
    [InlineData("loans-app", "limit-review", "US", 1, 10f, 5f, "jurisdiction:Violation")]
    [InlineData("loans-app", "limit-review", null, 1, 10f, 5f, "jurisdiction:Gap")]
    [InlineData("other", "limit-review", "EU", 1, 10f, 5f, "caller:Violation")]
    [InlineData("loans-app", "limit-review", "EU", 11, 10f, 5f, "batch:Violation")]
    [InlineData("loans-app", "limit-review", "EU", 2, -1f, 5f, "range:Violation")]
    [InlineData("loans-app", "limit-review", "EU", 2, 10f, 1000f, "range:Violation")]
    public void AGuard_AgreesWithTheGate(string actor, string? purpose, string? jurisdiction, int rows, float income, float debt, string? expected)
    {
        var pack = Pack(Rules);
        var guard = ServeGuard.Create(pack, Model, Version, Features);
        var values = Enumerable.Range(0, rows).SelectMany(r => r == 0 ? new[] { income, debt } : [10f, 5f]).ToArray();
        for (var again = 0; again < 3; again++)
        {
            var refusal = guard.Check(new GuardedRequest(actor, purpose, jurisdiction, rows, Noon, values), TestContext.Current.CancellationToken);
            Assert.Equal(expected, refusal is null ? null : $"{refusal.Rule}:{refusal.Status}");
        }

        var request = new JsonObject { ["gate"] = "serve", ["actor"] = actor, ["time"] = "2026-11-20T12:00:00Z", ["rows"] = rows, ["purpose"] = purpose, ["jurisdiction"] = jurisdiction };
        var input = new JsonObject
        {
            ["request"] = request,
            ["model"] = Model.DeepClone(),
            ["version"] = Version.DeepClone(),
            ["inputs"] = new JsonObject
            {
                ["income"] = new JsonObject { ["min"] = rows == 1 ? income : Math.Min(income, 10f), ["max"] = rows == 1 ? income : Math.Max(income, 10f) },
                ["debt"] = new JsonObject { ["min"] = rows == 1 ? debt : Math.Min(debt, 5f), ["max"] = rows == 1 ? debt : Math.Max(debt, 5f) },
            },
        };
        var decision = GateEvaluator.Evaluate(pack, "serve", input, TestContext.Current.CancellationToken);
        var first = decision.Rules.FirstOrDefault(r => r.Blocks);
        Assert.Equal(expected, first is null ? null : $"{first.Rule}:{first.Status}");
    }

    [Theory]
    [InlineData(5f, true, null)]
    [InlineData(5f, false, "Gap")]
    [InlineData(21f, true, "Violation")]
    [InlineData(0f, true, "Violation")]
    public void WhatTrainingSaw_BoundsAnInput_AndIsAGapUntilItIsKnown(float income, bool known, string? expected)
    {
        var guard = ServeGuard.Create(
            Pack([Rule("seen", "inputs.income.min >= inputs.income.seen_min && inputs.income.max <= inputs.income.seen_max")]), Model, Version, Features);
        var request = new GuardedRequest("loans-app", null, null, 1, Noon, new[] { income, 0f }, known ? [(1, 20), null] : null);
        Assert.Equal(expected, guard.Check(request, TestContext.Current.CancellationToken)?.Status.ToString());
    }

    [Fact]
    public void AnAllowedRequest_CostsLittle_AndWithoutRulesNothing()
    {
        var rules = Rules.Where(r => !r.Contains("inputs", StringComparison.Ordinal)).ToArray();
        Assert.InRange(BytesPerRequest(ServeGuard.Create(Pack(rules), Model, Version, Features)), 1, 2_000);
        Assert.Equal(0, BytesPerRequest(ServeGuard.Create(StarterPack.Pack, Model, Version, Features)));
    }

    [Fact]
    public void AGuard_IsSharedByThreads()
    {
        var guard = ServeGuard.Create(Pack(Rules), Model, Version, Features);
        Parallel.For(0, 2_000, i =>
        {
            var purpose = i % 2 == 0 ? "credit-decision" : "marketing";
            var refusal = guard.Check(new GuardedRequest("loans-app", purpose, "EU", 1, Noon, new float[] { 10f, 5f }), CancellationToken.None);
            Assert.Equal(i % 2 == 0, refusal is null);
        });
    }

    [Theory]
    [InlineData("audit.verified", "'audit' is not known at the gate serve")]
    [InlineData("size(evidence['validation.discrimination'].measures.auc.groups) > 0", "'evidence' is not known at the gate serve")]
    [InlineData("live.answered > 0", "'live' is not known at the gate serve")]
    public void AGuardThatReadsWhatARequestLacks_DoesNotLoad(string expression, string message) =>
        Assert.Contains(message, Assert.Single(Load([Rule("odd", expression)]).Issues).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("waivable: true")]
    [InlineData("requires: [validation.discrimination]")]
    [InlineData("severity: review, waitsFor: validator")]
    public void AGuardThatNeedsPeopleOrEvidence_DoesNotLoad(string field) =>
        Assert.Contains("asked at every request", Assert.Single(Load([Rule("odd", "true", field)]).Issues).Message, StringComparison.Ordinal);

    [Fact]
    public void WhatOnlyServingKnows_IsUnknownElsewhere()
    {
        var files = Files([Rule("odd", "inputs.all(n, r, r.min >= 0.0)")]);
        files["guards.yaml"] = files["guards.yaml"].Replace("gates: [serve]", "gates: [promote]", StringComparison.Ordinal);
        Assert.Contains("'inputs' is not known at the gate promote", Assert.Single(PolicyPack.Parse(files).Issues).Message, StringComparison.Ordinal);
    }

    private static long BytesPerRequest(ServeGuard guard)
    {
        const int Times = 1_000;
        var request = new GuardedRequest("loans-app", "credit-decision", "EU", 1, Noon, new float[] { 10f, 5f });
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(guard.Check(request));
        }

        // The least of some rounds: what the runtime does once is not what a request costs.
        return Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Times; i++)
            {
                guard.Check(request);
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before) / Times;
        });
    }

    private static PolicyPack Pack(params string[] rules) => Load(rules).Require();

    private static PolicyPackLoad Load(string[] rules) => PolicyPack.Parse(Files(rules));

    private static Dictionary<string, string> Files(string[] rules) => new()
    {
        ["pack.yaml"] = "apiVersion: governance/v1\nkind: Pack\nmetadata: {name: house, version: 1.0.0, title: House}\n",
        ["params.yaml"] = "apiVersion: governance/v1\nkind: Params\nmetadata: {name: house, owner: risk}\nspec: {parameters: [{name: rows_max, description: Rows., type: integer, value: 10}]}\n",
        ["guards.yaml"] = $"""
            apiVersion: governance/v1
            kind: Policy
            metadata: {"{name: guards, title: Guards}"}
            spec:
              variables: [{"{name: highest, expression: 'request.rows == 1 ? 200.0 : 100.0'}"}]
              validations:
            {string.Concat(rules)}
            ---
            apiVersion: governance/v1
            kind: Binding
            metadata: {"{name: guards-at-serving}"}
            spec: {"{policy: guards, gates: [serve]}"}
            """,
    };

    private static string Rule(string id, string expression, string more = "severity: deny") =>
        $"    - {{id: {id}, title: Title, expression: \"{Regex.Replace(expression, "\"", "\\\"")}\", {more}, message: Refused., citation: House, rationale: So., remediation: Ask otherwise.}}\n";
}
