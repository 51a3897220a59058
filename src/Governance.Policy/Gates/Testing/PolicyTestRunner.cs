using System.Text;
using System.Text.Json.Nodes;
using Governance.Core.Gates;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates.Testing;

/// <summary>The result of one policy test. Immutable.</summary>
/// <param name="Name">Folder name.</param>
/// <param name="Faults">What differs from the expectation; empty when the test passes.</param>
/// <param name="Decision">The decision; null when the test could not run.</param>
public sealed record PolicyTestResult(string Name, IReadOnlyList<string> Faults, GateDecision? Decision)
{
    public bool Passed => Faults.Count == 0;

    /// <summary>The input the test was decided on; null when it could not run.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>Rules bound to the test's gate and model whose conditions did not hold.</summary>
    internal IReadOnlyList<string> Skipped { get; init; } = [];
}

/// <summary>The results of a pack's tests. Immutable.</summary>
public sealed record PolicyTestReport(IReadOnlyList<PolicyTestResult> Results, PolicyCoverage Coverage)
{
    public bool Passed => Results.All(r => r.Passed);
}

/// <summary>Which outcomes of which rules the tests of a pack have seen. Immutable.</summary>
/// <param name="Seen">Rule and outcome pairs that occurred in some test.</param>
/// <param name="Unseen">Pairs of rule and pass, violation or gap that no test shows.</param>
/// <param name="SeenSkips">Conditional rules that some test shows not to apply.</param>
/// <param name="UnseenSkips">Rules with a condition, a date, or a policy with match conditions, of which no test shows that they do not apply.</param>
public sealed record PolicyCoverage(
    IReadOnlyList<(string Rule, RuleStatus Status)> Seen, IReadOnlyList<(string Rule, RuleStatus Status)> Unseen, IReadOnlyList<string> SeenSkips,
    IReadOnlyList<string> UnseenSkips)
{
    /// <summary>
    /// Share of what some test should show and does: pass, violation and gap of every rule, and that a conditional rule does not apply; 1 for a pack without
    /// rules.
    /// </summary>
    public double Share => (Seen.Count + SeenSkips.Count) is var seen && (seen + Unseen.Count + UnseenSkips.Count) is var all && all == 0 ? 1 : (double)seen / all;

    internal static PolicyCoverage Of(PolicyPack pack, IReadOnlyList<PolicyTestResult> results)
    {
        var skips = results.SelectMany(r => r.Skipped).ToHashSet(StringComparer.Ordinal);
        var conditional = pack.Policies
            .SelectMany(p => p.Rules.Where(r => p.Conditions.Count > 0 || r.When is not null || r.Document.EffectiveFrom is not null || r.Document.EffectiveUntil is not null))
            .Select(r => r.Document.Id)
            .ToList();
        var outcomes = results.SelectMany(r => r.Decision?.Rules ?? []).Select(o => (o.Rule, o.Status)).ToHashSet();
        var wanted = pack.Rules.SelectMany(r => ((RuleStatus[])[RuleStatus.Pass, RuleStatus.Violation, RuleStatus.Gap]).Select(s => (r, s))).ToList();
        return new PolicyCoverage(
            [.. wanted.Where(outcomes.Contains)], [.. wanted.Where(w => !outcomes.Contains(w))], [.. conditional.Where(skips.Contains)],
            [.. conditional.Where(c => !skips.Contains(c))]);
    }
}

/// <summary>
/// Runs the tests of a pack: every folder under <c>tests/</c> with an <c>expected.yaml</c>. Its <c>input.yaml</c>, where there is one, changes <c>tests/base.yaml</c>
/// (merge patch: what is named replaces, null removes). <c>expected.yaml</c> names the gate, the status, and for some rules their outcome.
/// </summary>
public static class PolicyTestRunner
{
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static PolicyTestReport Run(PolicyPack pack, string testsFolder, CancellationToken cancellationToken = default) =>
        Run(pack, Life.PackArchive.ReadTests(testsFolder), cancellationToken);

    /// <summary>The same from texts: paths below the folder of the tests, and contents.</summary>
    public static PolicyTestReport Run(PolicyPack pack, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken = default)
    {
        const string Expected = "/expected.yaml";
        var results = files.Keys
            .Where(f => f.EndsWith(Expected, StringComparison.Ordinal) && f.AsSpan().Count('/') == 1)
            .Select(f => f[..^Expected.Length])
            .Order(StringComparer.Ordinal)
            .Select(name => One(pack, files, name, cancellationToken))
            .ToList();
        return new PolicyTestReport(results, PolicyCoverage.Of(pack, results));
    }

    /// <summary>An input written in YAML, as JSON.</summary>
    /// <exception cref="FormatException">The file is not one YAML mapping.</exception>
    public static JsonObject ReadInput(string path)
    {
        try
        {
            return Convert(Path.GetFileName(path), File.ReadAllText(path, Encoding.UTF8)) as JsonObject ?? throw new FormatException($"{Path.GetFileName(path)} is not one YAML mapping.");
        }
        catch (YamlFormatException e)
        {
            throw new FormatException($"{Path.GetFileName(path)}:{e.Line}:{e.Column}: {e.Message}", e);
        }
    }

    private static PolicyTestResult One(PolicyPack pack, IReadOnlyDictionary<string, string> files, string name, CancellationToken cancellationToken)
    {
        try
        {
            var patch = Read($"{name}/input.yaml");
            var expected = Read($"{name}/expected.yaml") as JsonObject ?? [];
            var input = YamlJson.Merge(Read("base.yaml"), patch ?? new JsonObject()) as JsonObject ?? [];
            var gate = expected["gate"]?.GetValue<string>() ?? "";
            var decision = GateEvaluator.Evaluate(pack, gate, input, cancellationToken);
            var (bound, _) = GateEvaluator.Prepare(pack, gate, input);
            var applied = decision.Rules.Select(r => r.Rule).ToHashSet(StringComparer.Ordinal);
            return new PolicyTestResult(name, Compare(expected, decision), decision)
            {
                Input = input,
                Skipped = [.. bound.SelectMany(p => p.Rules).Select(r => r.Document.Id).Where(id => !applied.Contains(id))],
            };
        }
        catch (Exception e) when (e is GateInputException or YamlFormatException or InvalidOperationException)
        {
            return new PolicyTestResult(name, [e.Message], null);
        }

        JsonNode? Read(string path) => files.TryGetValue(path, out var text) ? Convert(path, text) : null;
    }

    private static List<string> Compare(JsonObject expected, GateDecision decision)
    {
        var faults = new List<string>();
        Same("status", Text(expected["status"]), decision.Status.ToString());
        foreach (var (rule, status) in expected["rules"] as JsonObject ?? [])
        {
            Same($"rule {rule}", Text(status), decision.Rules.FirstOrDefault(r => r.Rule == rule)?.Status.ToString() ?? "not evaluated");
        }

        if (expected["blocking"] is JsonArray blocking)
        {
            Same("blocking", Join(blocking), string.Join(", ", decision.Rules.Where(r => r.Blocks).Select(r => r.Rule)));
        }

        if (expected["waitingFor"] is JsonArray roles)
        {
            Same("waitingFor", Join(roles), string.Join(", ", decision.WaitingFor));
        }

        foreach (var unknown in expected.Select(m => m.Key).Except(["gate", "status", "rules", "blocking", "waitingFor", "description"], StringComparer.Ordinal))
        {
            faults.Add($"expected.yaml has no '{unknown}'");
        }

        return faults;

        void Same(string what, string wanted, string found)
        {
            if (!string.Equals(wanted, found, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{what}: expected {wanted}, found {found}");
            }
        }
    }

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "nothing";

    private static string Join(JsonArray array) => string.Join(", ", array.Select(Text));

    private static JsonNode? Convert(string name, string text)
    {
        var documents = YamlReader.Read(new YamlSource(name, text));
        return documents.Count == 1 ? YamlJson.Convert(documents[0]) : null;
    }
}
