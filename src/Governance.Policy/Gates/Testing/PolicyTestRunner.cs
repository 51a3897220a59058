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
}

/// <summary>The results of a pack's tests. Immutable.</summary>
public sealed record PolicyTestReport(IReadOnlyList<PolicyTestResult> Results, PolicyCoverage Coverage)
{
    public bool Passed => Results.All(r => r.Passed);
}

/// <summary>Which outcomes of which rules the tests of a pack have seen. Immutable.</summary>
/// <param name="Seen">Rule and outcome pairs that occurred in some test.</param>
/// <param name="Unseen">Pairs of rule and pass, violation or gap that no test shows.</param>
public sealed record PolicyCoverage(IReadOnlyList<(string Rule, RuleStatus Status)> Seen, IReadOnlyList<(string Rule, RuleStatus Status)> Unseen)
{
    /// <summary>Share of the outcomes pass, violation and gap of every rule that some test shows; 1 for a pack without rules.</summary>
    public double Share => Seen.Count + Unseen.Count == 0 ? 1 : (double)Seen.Count / (Seen.Count + Unseen.Count);

    internal static PolicyCoverage Of(PolicyPack pack, IEnumerable<PolicyTestResult> results)
    {
        var outcomes = results.SelectMany(r => r.Decision?.Rules ?? []).Select(o => (o.Rule, o.Status)).ToHashSet();
        var wanted = pack.Rules.SelectMany(r => ((RuleStatus[])[RuleStatus.Pass, RuleStatus.Violation, RuleStatus.Gap]).Select(s => (r, s))).ToList();
        return new PolicyCoverage([.. wanted.Where(outcomes.Contains)], [.. wanted.Where(w => !outcomes.Contains(w))]);
    }
}

/// <summary>
/// Runs the tests of a pack: every folder under <c>tests/</c> with an <c>expected.yaml</c>. Its <c>input.yaml</c>, where there is one, changes <c>tests/base.yaml</c>
/// (merge patch: what is named replaces, null removes). <c>expected.yaml</c> names the gate, the status, and for some rules their outcome.
/// </summary>
public static class PolicyTestRunner
{
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static PolicyTestReport Run(PolicyPack pack, string testsFolder, CancellationToken cancellationToken = default)
    {
        var basis = Read(Path.Combine(testsFolder, "base.yaml"));
        var results = Directory.EnumerateDirectories(testsFolder)
            .Where(f => File.Exists(Path.Combine(f, "expected.yaml")))
            .Order(StringComparer.Ordinal)
            .Select(f => One(pack, basis, f, cancellationToken))
            .ToList();
        return new PolicyTestReport(results, PolicyCoverage.Of(pack, results));
    }

    /// <summary>An input written in YAML, as JSON.</summary>
    /// <exception cref="FormatException">The file is not one YAML mapping.</exception>
    public static JsonObject ReadInput(string path)
    {
        try
        {
            return Read(path) as JsonObject ?? throw new FormatException($"{Path.GetFileName(path)} is not one YAML mapping.");
        }
        catch (YamlFormatException e)
        {
            throw new FormatException($"{Path.GetFileName(path)}:{e.Line}:{e.Column}: {e.Message}", e);
        }
    }

    private static PolicyTestResult One(PolicyPack pack, JsonNode? basis, string folder, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(folder);
        try
        {
            var patch = Read(Path.Combine(folder, "input.yaml"));
            var expected = Read(Path.Combine(folder, "expected.yaml")) as JsonObject ?? [];
            var input = YamlJson.Merge(basis, patch ?? new JsonObject()) as JsonObject ?? [];
            var decision = GateEvaluator.Evaluate(pack, expected["gate"]?.GetValue<string>() ?? "", input, cancellationToken);
            return new PolicyTestResult(name, Compare(expected, decision), decision);
        }
        catch (Exception e) when (e is GateInputException or YamlFormatException or InvalidOperationException)
        {
            return new PolicyTestResult(name, [e.Message], null);
        }
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

    private static JsonNode? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var documents = YamlReader.Read(new YamlSource(Path.GetFileName(path), File.ReadAllText(path, Encoding.UTF8)));
        return documents.Count == 1 ? YamlJson.Convert(documents[0]) : null;
    }
}
