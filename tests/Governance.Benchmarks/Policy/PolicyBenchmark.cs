using System.Globalization;
using Governance.Core;
using Governance.Policy.Cel;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;
using Governance.Testing;

namespace Governance.Benchmarks.Policy;

/// <summary>Expressions beside hand-written delegates of the same rule, in one run, and the starter pack over its base input.</summary>
internal static class PolicyBenchmark
{
    private static readonly CelEnvironment Environment = new(new Dictionary<string, CelType>
    {
        ["auc"] = CelType.Double,
        ["owner"] = CelType.String,
        ["model"] = CelType.MapOf(CelType.String, CelType.Dyn),
        ["numbers"] = CelType.ListOf(CelType.Int),
    });

    private static readonly long[] Numbers = [.. Enumerable.Range(0, 1_000).Select(i => (long)i)];

    public static int Run(TextWriter output)
    {
        var auc = 0.792;
        var owner = "olga.owner";
        var model = new Dictionary<string, object> { ["tier"] = 1L, ["owner"] = owner, ["automation"] = "assisted" };
        output.WriteLine($"{"",-44}{"expression",14}{"allocated",12}{"delegate",12}");
        Line(output, "simple comparison: auc >= 0.7", "auc >= 0.7", () => auc >= 0.7);
        Line(output, "startsWith: owner.startsWith('olga')", "owner.startsWith('olga')", () => owner.StartsWith("olga", StringComparison.Ordinal));
        Line(output, "rule with three lookups", "model.tier == 1 && model.owner != '' && model.automation == 'assisted'",
            () => model["tier"] is 1L && model["owner"] is not "" && model["automation"] is "assisted");
        Line(output, "map over 1,000 elements", "numbers.map(n, n + 1)", () => Array.ConvertAll(Numbers, n => checked(n + 1)).Length > 0);
        Line(output, "filter over 1,000 elements", "numbers.filter(n, n % 2 == 0)", () => Numbers.Where(n => n % 2 == 0).ToArray().Length > 0);
        Pack(output);
        return 0;
    }

    private static void Line(TextWriter output, string title, string source, Func<bool> delegated)
    {
        var program = Environment.Compile(source).Require();
        var activation = new CelActivation(Environment)
            .Set("auc", CelValue.Of(0.792))
            .Set("owner", CelValue.Of("olga.owner"))
            .Set("numbers", CelValue.ListOf([.. Numbers.Select(CelValue.Of)]))
            .Set("model", CelValue.Of(CelMap.OfNames(
            [
                KeyValuePair.Create("tier", CelValue.Of(1L)), KeyValuePair.Create("owner", CelValue.Of("olga.owner")), KeyValuePair.Create("automation", CelValue.Of("assisted")),
            ])));
        var (ours, bytes) = Timing.Measure(() => program.Evaluate(activation));
        var (theirs, _) = Timing.Measure(() => delegated());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title,-44}{ours,11:0.0} ns{bytes,10:0} B{theirs,9:0.0} ns"));
    }

    private static void Pack(TextWriter output)
    {
        var folder = Path.Combine(SharedMaterial.RepositoryRoot, "policies", "starter");
        var pack = PolicyPack.Load(folder).Require();
        var input = PolicyTestRunner.Base(pack, Path.Combine(folder, "tests"));
        var text = input.ToJsonString();
        var facts = GateFacts.Read(input);
        output.WriteLine();
        output.WriteLine($"{pack.Name}, {pack.Rules.Count} rules, {text.Length} bytes of input");
        Say("decide: rules over facts", Timing.Measure(() => GateEvaluator.Evaluate(pack, "promote", facts)));
        Say("read: input to facts, and their digest", Timing.Measure(() => GateFacts.Read(input)));
        Say("both: input to decision", Timing.Measure(() => GateEvaluator.Evaluate(pack, "promote", input)));
        Say("record: decision to JSON", Timing.Measure(() => GovernanceJson.Serialize(GateEvaluator.Evaluate(pack, "promote", facts))));

        void Say(string what, (double Nanoseconds, double Bytes) measured) =>
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-44}{measured.Nanoseconds / 1_000,11:0.0} µs{measured.Bytes / 1_024,9:0} KiB"));
    }
}
