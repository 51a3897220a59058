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
}

/// <summary>The results of a pack's tests. Immutable.</summary>
public sealed record PolicyTestReport(IReadOnlyList<PolicyTestResult> Results, PolicyCoverage Coverage)
{
    public bool Passed => Results.All(r => r.Passed);
}

/// <summary>
/// Which branches of which rules the tests of a pack have seen: pass, violation and gap of every rule, and <c>not applied</c> of a rule with a condition or
/// with dates. Rules of extended packs are covered by the tests of those packs. Immutable.
/// </summary>
/// <param name="Seen">Rule and branch pairs that occurred in some test.</param>
/// <param name="Unseen">Pairs that no test shows.</param>
public sealed record PolicyCoverage(IReadOnlyList<(string Rule, string Branch)> Seen, IReadOnlyList<(string Rule, string Branch)> Unseen)
{
    private const string NotApplied = "not applied";

    /// <summary>Share of the branches that some test shows; 1 for a pack without rules.</summary>
    public double Share => Seen.Count + Unseen.Count == 0 ? 1 : (double)Seen.Count / (Seen.Count + Unseen.Count);

    internal static PolicyCoverage Of(PolicyPack pack, IEnumerable<GateDecision> decisions, IEnumerable<string> skipped)
    {
        var seen = decisions.SelectMany(d => d.Rules).Select(o => (o.Rule, o.Status.ToString().ToLowerInvariant())).ToHashSet();
        seen.UnionWith(skipped.Select(r => (r, NotApplied)));
        var own = pack.OwnRules.ToHashSet(StringComparer.Ordinal);
        var wanted = pack.Policies.SelectMany(p => p.Rules).Select(r => r.Document).Where(d => own.Contains(d.Id)).SelectMany(d =>
            ((string[])["pass", "violation", "gap", .. d.When is not null || d.EffectiveFrom is not null || d.EffectiveUntil is not null ? [NotApplied] : Array.Empty<string>()])
                .Select(branch => (d.Id, branch))).ToList();
        return new PolicyCoverage([.. wanted.Where(seen.Contains)], [.. wanted.Where(w => !seen.Contains(w))]);
    }
}

/// <summary>
/// Runs the tests of a pack: every folder under <c>tests/</c> with an <c>expected.yaml</c>. Its <c>input.yaml</c>, where there is one, changes <c>tests/base.yaml</c>
/// (merge patch: what is named replaces, null removes), which itself changes the base of the packs that are extended. <c>expected.yaml</c> names the gate, the status, and for some rules their outcome.
/// </summary>
public static class PolicyTestRunner
{
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static PolicyTestReport Run(PolicyPack pack, string testsFolder, CancellationToken cancellationToken = default) =>
        Run(pack, Life.PackArchive.ReadTests(testsFolder, pack.Extends), cancellationToken);

    /// <summary>The same from texts: paths below the folder of the tests, and contents, as <see cref="Life.PackArchive.ReadTests"/> gives them.</summary>
    public static PolicyTestReport Run(PolicyPack pack, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken = default)
    {
        const string Expected = "/expected.yaml";
        var basis = Base(pack, files);
        var skipped = new HashSet<string>(StringComparer.Ordinal);
        var results = files.Keys
            .Where(f => f.EndsWith(Expected, StringComparison.Ordinal) && f.AsSpan().Count('/') == 1)
            .Select(f => f[..^Expected.Length])
            .Order(StringComparer.Ordinal)
            .Select(name => One(pack, basis, files, name, skipped, cancellationToken))
            .ToList();
        return new PolicyTestReport(results, PolicyCoverage.Of(pack, results.Select(r => r.Decision).OfType<GateDecision>(), skipped));
    }

    /// <summary>The input the tests of a pack change: its <c>base.yaml</c> over those of the packs it extends.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static JsonObject Base(PolicyPack pack, string testsFolder) => Base(pack, Life.PackArchive.ReadTests(testsFolder, pack.Extends));

    private static JsonObject Base(PolicyPack pack, IReadOnlyDictionary<string, string> files) => pack.Extends
        .Select(Life.PackArchive.BaseOf).Append("base.yaml")
        .Select(path => Read(files, path))
        .Aggregate((JsonNode)new JsonObject(), (input, change) => change is null ? input : YamlJson.Merge(input, change)!) as JsonObject ?? [];

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

    private static PolicyTestResult One(
        PolicyPack pack, JsonObject basis, IReadOnlyDictionary<string, string> files, string name, HashSet<string> skipped, CancellationToken cancellationToken)
    {
        try
        {
            var patch = Read(files, $"{name}/input.yaml");
            var expected = Read(files, $"{name}/expected.yaml") as JsonObject ?? [];
            var input = YamlJson.Merge(basis, patch ?? new JsonObject()) as JsonObject ?? [];
            var decision = GateEvaluator.Evaluate(pack, expected["gate"]?.GetValue<string>() ?? "", GateFacts.Read(input), skipped, cancellationToken);
            return new PolicyTestResult(name, Compare(expected, decision), decision) { Input = input };
        }
        catch (Exception e) when (e is GateInputException or YamlFormatException or InvalidOperationException)
        {
            return new PolicyTestResult(name, [e.Message], null);
        }
    }

    private static JsonNode? Read(IReadOnlyDictionary<string, string> files, string path) => files.TryGetValue(path, out var text) ? Convert(path, text) : null;

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
