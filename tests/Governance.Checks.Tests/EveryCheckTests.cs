using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Tests;

/// <summary>What holds for every check of the catalogue.</summary>
public sealed partial class EveryCheckTests
{
    public static TheoryData<string> Ids => [.. CheckCatalogue.All.Select(c => c.Descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Reduce_AnySplitAnyOrder_SameDigest(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
        {
            var random = SplitMix64.For(seed, 99);
            var input = Inputs.For(id, seed, 150 + random.NextBelow(150), 60 + random.NextBelow(300), dirty: true);
            var rows = input.Evaluation.RowCount;
            var whole = check.Reduce(input, [check.Map(input, new RowRange(0, rows), TestContext.Current.CancellationToken)], TestContext.Current.CancellationToken).ComputeDigest();

            var cuts = Enumerable.Range(0, 1 + random.NextBelow(9)).Select(_ => random.NextBelow(rows + 1)).Append(0).Append(rows).Order().ToArray();
            var states = cuts.Zip(cuts.Skip(1), (from, to) => check.Map(input, new RowRange(from, to - from), TestContext.Current.CancellationToken)).ToArray();
            var order = random.NextPermutation(states.Length);
            var again = Inputs.For(id, seed, rows, input.Training!.RowCount, dirty: true);
            return check.Reduce(again, [.. order.Select(i => states[i])], TestContext.Current.CancellationToken).ComputeDigest() == whole;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(8));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Reduce_BadDataAnySplit_SameDigest(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        foreach (var (name, input) in BadInputs.All(Inputs.ReadsTrees(id)).Where(b => check.WhyNotApplicable(b.Input) is null))
        {
            var rows = input.Evaluation.RowCount;
            Assert.True(Inputs.Run(check, input).ComputeDigest() == Inputs.Run(check, input, rows).ComputeDigest(), $"{id} on {name}");
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Reduce_RowsMissingOrTwice_Refused(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var input = Inputs.For(id, 3, 120, 80, dirty: false);
        var first = check.Map(input, new RowRange(0, 60), TestContext.Current.CancellationToken);
        var second = check.Map(input, new RowRange(60, 60), TestContext.Current.CancellationToken);

        Assert.Throws<InvalidDataException>(() => check.Reduce(input, [first], TestContext.Current.CancellationToken));
        Assert.Throws<InvalidDataException>(() => check.Reduce(input, [first, first], TestContext.Current.CancellationToken));
        Assert.Throws<InvalidDataException>(() => check.Reduce(input, [first, second, second], TestContext.Current.CancellationToken));
        Assert.Throws<InvalidDataException>(() => check.Reduce(input, [first, second[..^1]], TestContext.Current.CancellationToken));
        Assert.Throws<InvalidDataException>(() => check.Reduce(input, [], TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Map_Cancelled_Stops(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var input = Inputs.For(id, 3, 120, 80, dirty: false);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => check.Map(input, new RowRange(0, 120), source.Token));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Descriptor_IsWholeAndWellFormed(string id)
    {
        var d = CheckCatalogue.Find(id)!.Descriptor;
        Assert.Matches(IdPattern(), d.Id);
        Assert.StartsWith(d.Family.ToString().ToLowerInvariant() + ".", d.Id, StringComparison.Ordinal);
        Assert.All(new[] { d.Title, d.Version }, t => Assert.False(string.IsNullOrWhiteSpace(t)));
        Assert.All(new[] { d.Purpose, d.Method, d.SignsOfHighRisk, d.Strengths, d.Limits }, t => Assert.True(t.Length > 60 && t.TrimEnd()[^1] is '.' or '?', t));
        Assert.NotEmpty(d.Sources);
        Assert.All(d.Parameters, p => Assert.True(p.Minimum <= p.Default && p.Default <= p.Maximum, p.Name));
    }

    [Fact]
    public void Ids_AreUnique() => Assert.Equal(CheckCatalogue.All.Count, CheckCatalogue.All.Select(c => c.Descriptor.Id).Distinct().Count());

    [Theory]
    [MemberData(nameof(Ids))]
    public void WhyNotApplicable_BadParameter_SaysWhatToSet(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var unknown = check.WhyNotApplicable(WithParameter(id, "no_such_thing", 1));
        Assert.Contains("no_such_thing", unknown, StringComparison.Ordinal);
        foreach (var p in check.Descriptor.Parameters)
        {
            Assert.Contains(p.Name, check.WhyNotApplicable(WithParameter(id, p.Name, double.NaN)), StringComparison.Ordinal);
            Assert.Contains(p.Name, check.WhyNotApplicable(WithParameter(id, p.Name, p.Maximum * 2)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Run_BadData_GivesTypedOutcomes(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        foreach (var (name, input) in BadInputs.All(Inputs.ReadsTrees(id)))
        {
            if (check.WhyNotApplicable(input) is { } reason)
            {
                Assert.EndsWith(".", reason, StringComparison.Ordinal);
                continue;
            }

            var result = Inputs.Run(check, input, shards: Math.Min(3, input.Evaluation.RowCount));
            AssertWellFormed(result, $"{id} on {name}");
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Run_Portfolio_WellFormedAndDeterministic(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var result = Inputs.Run(check, Inputs.For(id, 11, 600, 500, dirty: false));
        AssertWellFormed(result, id);
        Assert.Equal(result.ComputeDigest(), Inputs.Run(check, Inputs.For(id, 11, 600, 500, dirty: false), 4).ComputeDigest());
        Assert.Contains(result.Measures, m => m.Status == MeasureStatus.Ok && m.Value is not null);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Run_WeightedData_SaysWhatWeightsAreUsedFor_AndChangesNoOtherMeasure(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var plain = Inputs.For(id, 11, 300, 200, dirty: false);
        var rows = plain.Evaluation.RowCount;
        var weights = new Float64Column("exposure", ColumnRole.Weight, Enumerable.Range(0, rows).Select(i => 1.0 + (i % 3)).ToArray());
        var weighted = plain.On(new DataTable([.. plain.Evaluation.Columns, weights]));

        var (before, after) = (Inputs.Run(check, plain), Inputs.Run(check, weighted));

        if (id != "privacy.personal_data")
        {
            // That one looks at every column.
            Assert.Equal(before.Measures, after.Measures.Where(m => !m.Name.StartsWith("weighted_", StringComparison.Ordinal)));
        }

        Assert.Contains(after.Limitations, l => l.Contains("(exposure)", StringComparison.Ordinal));
        Assert.DoesNotContain(before.Limitations, l => l.Contains("weights", StringComparison.Ordinal) && l.Contains("declares", StringComparison.Ordinal));
    }

    private static void AssertWellFormed(CheckResult result, string what)
    {
        Assert.NotEmpty(result.Summary);
        Assert.NotEmpty(result.Measures);
        var repeated = result.Measures.GroupBy(m => (m.Name, m.Group)).FirstOrDefault(g => g.Count() > 1);
        Assert.True(repeated is null, $"{what}: {repeated?.Key} occurs twice");
        foreach (var m in result.Measures)
        {
            var where = $"{what}: {m.Name} {m.Group}";
            Assert.True(m.Status == MeasureStatus.Ok == m.Value is not null, where);
            Assert.True(m.Status == MeasureStatus.Ok || !string.IsNullOrEmpty(m.Note), where);
            Assert.All(new[] { m.Value, m.Lower, m.Upper, m.PValue, m.AdjustedPValue }, v => Assert.True(v is null || double.IsFinite(v.Value), where));
            Assert.True(m.Lower is null || (m.Lower <= m.Upper && m.Level is not null && m.Interval is not null), where);
            Assert.All(new[] { m.PValue, m.AdjustedPValue }, p => Assert.True(p is null or (>= 0 and <= 1), $"{where}: p = {p}"));
            Assert.True(m.AdjustedPValue is null || m.AdjustedPValue >= m.PValue, where);
        }

        Assert.All(result.Tables, t => Assert.All(t.Rows, r => Assert.Equal(t.Columns.Count, r.Count)));
        Assert.NotEmpty(Core.GovernanceJson.Serialize(result));
    }

    private static CheckInput WithParameter(string id, string name, double value)
    {
        var given = Inputs.For(id, 3, 120, 80, dirty: false);
        return new CheckInput
        {
            Evaluation = given.Evaluation,
            Training = given.Training,
            Model = given.Model,
            Threshold = given.Threshold,
            FavourablePrediction = given.FavourablePrediction,
            ReferenceGroups = given.ReferenceGroups,
            Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { [id] = new Dictionary<string, double> { [name] = value } },
        };
    }

    [GeneratedRegex("^[a-z]+\\.[a-z_]+$")]
    private static partial Regex IdPattern();
}
