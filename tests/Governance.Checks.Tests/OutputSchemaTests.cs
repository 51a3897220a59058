using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Policy.Gates;
using Governance.Testing;

namespace Governance.Checks.Tests;

/// <summary>What checks say they may report is what they report, what rules may name (evidence.yaml), and what the shipped packs compare with.</summary>
public sealed partial class OutputSchemaTests
{
    public static TheoryData<string> Ids => [.. CheckCatalogue.All.Select(c => c.Descriptor.Id)];

    [Fact]
    public void EveryCheck_IsListedForRules_AndNoOther() =>
        Assert.Equal(CheckCatalogue.All.Select(c => c.Descriptor.Id).Order(StringComparer.Ordinal), BuiltInEvidence.Checks.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Measures_AreThoseThatRulesMayName(string id) =>
        Assert.Equal(BuiltInEvidence.Checks[id].Order(StringComparer.Ordinal), CheckCatalogue.Find(id)!.Descriptor.Measures.Select(m => m.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Results_OfAnyPortfolio_HoldWhatIsDeclaredAndNothingElse(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
        {
            var result = Inputs.Run(check, Inputs.For(id, seed, 150 + (seed % 150), 60 + (seed % 300), dirty: seed % 2 == 0));
            AssertDeclared(check.Descriptor, result);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(6));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Declared_IsReportedOnSomeData(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var inputs = new[] { Inputs.For(id, 11, 1_500, 900, dirty: true), Inputs.For(id, 12, 240, 150, dirty: false) }.Concat(BadInputs.All().Select(b => b.Input));
        var results = inputs.Where(i => check.WhyNotApplicable(i) is null).Select(i => Inputs.Run(check, i)).ToList();

        Assert.All(results, r => AssertDeclared(check.Descriptor, r));
        Assert.Empty(check.Descriptor.Measures.Select(m => m.Name).Except(results.SelectMany(r => r.Measures).Select(m => m.Name)));
        Assert.Empty(check.Descriptor.Tables.Select(t => t.Name).Except(results.SelectMany(r => r.Tables).Select(t => t.Name)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Schemas_AreWhatTheParserTakes(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var properties = (JsonObject)CheckSchemas.Parameters(check.Descriptor)["properties"]!;
        Assert.Equal(check.Descriptor.Parameters.Select(p => p.Name), properties.Select(p => p.Key));
        foreach (var (name, schema) in properties)
        {
            double minimum = (double)schema!["minimum"]!, maximum = (double)schema["maximum"]!;
            Assert.Null(Problem(name, minimum));
            Assert.Null(Problem(name, maximum));
            Assert.NotNull(Problem(name, minimum - 1));
            Assert.NotNull(Problem(name, maximum + 1));
            Assert.Equal((string?)schema["type"] == "integer", Problem(name, ((maximum - minimum) / Math.PI) + minimum) is not null);
        }

        string? Problem(string name, double value) => CheckParameters.Problem(check.Descriptor, new CheckInput
        {
            Evaluation = Empty.Evaluation,
            Model = Empty.Model,
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = Inputs.References,
            Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { [id] = new Dictionary<string, double> { [name] = value } },
        });
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Thresholds_NameMeasuresOfTheCheck_AndAreThoseOfThePacks(string id)
    {
        var check = CheckCatalogue.Find(id)!.Descriptor;
        foreach (var threshold in check.Thresholds)
        {
            Assert.Contains(check.Measures, m => m.Name == threshold.Measure);
            Assert.Contains(threshold.Tiers.Count, new[] { 1, 3 });
            Assert.EndsWith(".", threshold.Basis, StringComparison.Ordinal);
            if (threshold.Parameter?.Split('/') is [var pack, var parameter])
            {
                Assert.Equal(InPack(pack, parameter), threshold.Tiers);
            }
        }
    }

    private static CheckInput Empty { get; } = Inputs.Portfolio(3, 120, 80, dirty: false);

    private static void AssertDeclared(CheckDescriptor check, CheckResult result)
    {
        foreach (var measure in result.Measures)
        {
            var schema = Assert.Single(check.Measures, m => m.Name == measure.Name);
            Assert.True(measure.Value is not { } v || (v >= (schema.Minimum ?? v) && v <= (schema.Maximum ?? v)), $"{check.Id}: {measure.Name} {measure.Group} is {measure.Value}");
        }

        foreach (var table in result.Tables)
        {
            Assert.Equal(Assert.Single(check.Tables, t => t.Name == table.Name).Columns, table.Columns.Select(c => c.Name));
        }
    }

    /// <summary>The numbers of a parameter, read from the text of the pack: a list by tier, or one value.</summary>
    private static double[] InPack(string pack, string parameter)
    {
        var folder = Path.Combine(SharedMaterial.RepositoryRoot, "policies", pack);
        var texts = Directory.EnumerateFiles(folder, "*.yaml").Select(File.ReadAllText);
        var found = Assert.Single(texts.SelectMany(t => ParameterPattern().Matches(t)), m => m.Groups["name"].Value == parameter);
        return [.. found.Groups["numbers"].Value.Trim('[', ']').Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex("""- name: (?<name>\w+)\n(?:(?!\s+- name:).*\n)*?\s+(?:tiers|value): (?<numbers>\[?[\d., ]+\]?)\n""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ParameterPattern();
}
