using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Policy.Gates;
using Governance.Policy.Life;
using Governance.Policy.Tests.Gates;

namespace Governance.Policy.Tests.Life;

/// <summary>Recorded decisions, made again: bit for bit, and what differs is named.</summary>
public sealed class ReplayTests
{
    private readonly Dictionary<Digest, byte[]> artifacts = [];
    private readonly PackArchive archive = PackArchive.Read(StarterPack.Folder);

    public static TheoryData<string> Cases() => [.. Directory.EnumerateDirectories(Path.Combine(StarterPack.Folder, "tests")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryTestOfThePack_Replays(string name)
    {
        var result = archive.Test(StarterPack.Pack, TestContext.Current.CancellationToken).Results.Single(r => r.Name == name);
        var verdict = Replay(Record(result.Decision!, result.Input!));
        Assert.True(verdict.Reproduced, string.Join('\n', verdict.Mismatches));
        Assert.Empty(verdict.Mismatches);
    }

    [Fact]
    public void ADecisionThatWasRecordedOtherwise_IsNamedFieldByField()
    {
        var input = StarterPack.Input();
        var decision = GateEvaluator.Evaluate(StarterPack.Pack, "promote", input, TestContext.Current.CancellationToken);
        var tampered = decision with { Rules = [decision.Rules[0] with { Message = "All is well." }, .. decision.Rules.Skip(1)] };
        var verdict = Replay(Record(tampered, input));
        Assert.False(verdict.Reproduced);
        Assert.Equal([$"rules[{decision.Rules[0].Rule}].message", "event.document"], verdict.Mismatches.Select(m => m.Field));
        Assert.Equal("\"All is well.\"", verdict.Mismatches[0].Recorded);
    }

    [Theory]
    [InlineData("input", "inputDigest")]
    [InlineData("document", "document")]
    [InlineData("archive", "policyDigest")]
    public void WhatIsMissing_IsNamed(string lost, string field)
    {
        var input = StarterPack.Input();
        var e = Record(GateEvaluator.Evaluate(StarterPack.Pack, "promote", input, TestContext.Current.CancellationToken), input);
        artifacts.Remove(lost switch { "input" => e.Input, "document" => e.Document, _ => archive.Digest });
        Assert.Equal(field, Assert.Single(Replay(e).Mismatches).Field);
    }

    [Fact]
    public void AnotherPackUnderTheSameName_DoesNotReplay()
    {
        var input = StarterPack.Input();
        var e = Record(GateEvaluator.Evaluate(StarterPack.Pack, "promote", input, TestContext.Current.CancellationToken), input);
        var files = StarterPack.Files();
        files["params.yaml"] = files["params.yaml"].Replace("tiers: [0.70, 0.68, 0.65]", "tiers: [0.99, 0.99, 0.99]", StringComparison.Ordinal);
        var other = PackArchive.Of(files, archive.Tests);
        artifacts[other.Digest] = other.Bytes.ToArray();
        var verdict = DecisionReplay.Replay(new PastDecision(7, DateTimeOffset.UnixEpoch, e), artifacts.GetValueOrDefault, (_, _) => other.Digest, TestContext.Current.CancellationToken);
        Assert.False(verdict.Reproduced);
        Assert.Contains(verdict.Mismatches, m => m.Field == "paramsDigest");
        Assert.Contains(verdict.Mismatches, m => m.Field.EndsWith(".threshold", StringComparison.Ordinal));
    }

    [Fact]
    public void ADryRun_TellsWhatComesOutOtherwise_AndNothingElse()
    {
        var input = StarterPack.Input();
        var decision = GateEvaluator.Evaluate(StarterPack.Pack, "promote", input, TestContext.Current.CancellationToken);
        Assert.Equal(GateStatus.Allowed, decision.Status);
        var past = new[] { new PastDecision(9, DateTimeOffset.UnixEpoch, Record(decision, input)), new PastDecision(8, DateTimeOffset.UnixEpoch, Record(decision, input) with { Input = Digest.Of("lost"u8) }) };
        var live = new[] { new LiveVersion("m", 1, DateTimeOffset.UnixEpoch, input) };
        var steps = new List<DryRunProgress>();
        var same = PolicyDryRun.Run(StarterPack.Pack, StarterPack.Pack, live, past, artifacts.GetValueOrDefault, new Recorder(steps), TestContext.Current.CancellationToken);
        Assert.Empty(same.Live);
        Assert.Empty(same.Past);
        Assert.Equal((1, 2, 1), (same.LiveExamined, same.PastExamined, same.PastUnreadable));
        Assert.Equal([1, 2, 3], steps.Select(s => s.Done));

        var files = StarterPack.Files();
        files["params.yaml"] = files["params.yaml"].Replace("tiers: [0.70, 0.68, 0.65]", "tiers: [0.99, 0.99, 0.99]", StringComparison.Ordinal);
        var report = PolicyDryRun.Run(StarterPack.Pack, PolicyPack.Parse(files).Require(), live, past, artifacts.GetValueOrDefault, null, TestContext.Current.CancellationToken);
        var difference = Assert.Single(report.Past);
        Assert.Equal((9L, GateStatus.Allowed, GateStatus.Denied), (difference.Position!.Value, difference.Before, difference.After));
        var rule = Assert.Single(difference.Rules);
        Assert.Equal((RuleStatus.Pass, RuleStatus.Violation, 0.70, 0.99), (rule.Before!.Value, rule.After!.Value, rule.ThresholdBefore!.Value, rule.ThresholdAfter!.Value));
        Assert.Equal(GateStatus.Denied, Assert.Single(report.Live).After);
    }

    private ReplayVerdict Replay(GateDecided e) => DecisionReplay.Replay(
        new PastDecision(7, DateTimeOffset.UnixEpoch, e), artifacts.GetValueOrDefault,
        (policy, parameters) => policy == StarterPack.Pack.Digest && parameters == StarterPack.Pack.ParamsDigest ? archive.Digest : null, TestContext.Current.CancellationToken);

    private GateDecided Record(GateDecision decision, JsonObject input)
    {
        var (document, bytes) = (GovernanceJson.Serialize(decision), GateEvaluator.Canonical(input));
        artifacts[Digest.Of(document)] = document;
        artifacts[Digest.Of(bytes)] = bytes;
        artifacts[archive.Digest] = archive.Bytes.ToArray();
        Assert.Equal(decision.InputDigest, Digest.Of(bytes));
        return new GateDecided(
            "m", 1, decision.Gate, PromotionTarget.Champion, decision.Status, decision.PolicyDigest, decision.ParamsDigest, decision.InputDigest, Digest.Of(document),
            [.. decision.Rules.Where(r => r.Blocks).Select(r => r.Rule).Take(GateDecided.MostBlocking)], decision.WaitingFor);
    }

    private sealed class Recorder(List<DryRunProgress> steps) : IProgress<DryRunProgress>
    {
        public void Report(DryRunProgress value) => steps.Add(value);
    }
}
