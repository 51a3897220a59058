using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core;
using Governance.Data;

namespace Governance.Checks.Tests;

/// <summary>What plans count on: stages may be cut anywhere, and states that are said to outlive added rows do.</summary>
public sealed class StagedCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Staged => [.. CheckCatalogue.All.OfType<IStagedCheck>().Select(c => c.Descriptor.Id)];

    public static TheoryData<string> RowLocal => [.. CheckCatalogue.All.Where(c => c.IsRowLocal).Select(c => c.Descriptor.Id)];

    [Theory]
    [MemberData(nameof(Staged))]
    public void Any_cut_of_any_stage_gives_the_result_of_the_check_alone(string id)
    {
        var check = (IStagedCheck)CheckCatalogue.Find(id)!;
        Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
        {
            var random = SplitMix64.For(seed, 98);
            var input = Inputs.For(id, seed, 150 + random.NextBelow(150), 60 + random.NextBelow(200), dirty: true);
            var before = StageStates.None;
            foreach (var (stage, shape) in check.Stages(input.Evaluation.RowCount, input.Parameters[id]).Index())
            {
                var cuts = Enumerable.Range(0, random.NextBelow(5)).Select(_ => random.NextBelow(shape.Parts + 1)).Append(0).Append(shape.Parts).Order().ToArray();
                var earlier = before;
                var states = cuts.Zip(cuts.Skip(1), (from, to) => check.Map(input, stage, new RowRange(from, to - from), earlier, Token)).ToArray();
                before = before.Then([.. random.NextPermutation(states.Length).Select(i => states[i])]);
            }

            return check.Reduce(input, before, Token).ComputeDigest() == Inputs.Run(check, Inputs.For(id, seed, input.Evaluation.RowCount, input.Training!.RowCount, dirty: true)).ComputeDigest();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(6));
    }

    [Theory]
    [MemberData(nameof(Staged))]
    public void A_state_that_is_missing_from_a_stage_is_refused(string id)
    {
        var check = (IStagedCheck)CheckCatalogue.Find(id)!;
        var input = Inputs.For(id, 5, 120, 90, dirty: false);
        var half = check.Map(input, 0, new RowRange(0, 2), StageStates.None, Token);

        Assert.Throws<InvalidDataException>(() => check.Map(input, 1, new RowRange(0, 120), StageStates.None.Then([half]), Token));
    }

    /// <summary>The state of the first rows is the same bytes when others follow, and whatever the training data is.</summary>
    [Theory]
    [MemberData(nameof(RowLocal))]
    public void States_of_a_row_local_check_outlive_added_rows(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        foreach (var seed in Enumerable.Range(1, 4))
        {
            var longer = Inputs.For(id, seed, 300, 90, dirty: true);
            var first = With(longer, TableSplit.Rows(longer.Evaluation, [.. Enumerable.Range(0, 120)]), training: null, []);
            var grown = With(longer, longer.Evaluation, longer.Training, [120, 180]);
            Assert.Null(check.WhyNotApplicable(grown));

            foreach (var rows in new[] { new RowRange(0, 120), new RowRange(40, 33) })
            {
                Assert.Equal(check.Map(first, rows, Token).ToArray(), check.Map(grown, rows, Token).ToArray());
            }
        }
    }

    [Fact]
    public void Most_checks_of_fairness_and_calibration_outlive_added_rows() => Assert.Equal(13, RowLocal.Count);

    [Fact]
    public void Joined_tables_are_the_table_that_was_cut_also_where_a_part_lacks_a_level()
    {
        var whole = Inputs.PortfolioTable(3, 90, dirty: true);
        var joined = TableConcat.Of([.. new[] { (0, 30), (30, 1), (31, 59) }.Select(p => Reread(TableSplit.Rows(whole, [.. Enumerable.Range(p.Item1, p.Item2)])))]);

        Assert.Equal(Digest.Of(GovernanceJson.Serialize(Words(whole))), Digest.Of(GovernanceJson.Serialize(Words(joined))));
        Assert.Throws<ArgumentException>(() => TableConcat.Of([whole, new DataTable([whole["debt"]])]));
    }

    /// <summary>With the levels that occur in it alone, as a reader of a file of its own would find them.</summary>
    private static DataTable Reread(DataTable part) => new([.. part.Columns.Select(c => c is CategoryColumn words
        ? Inputs.Category(words.Name, [.. words.Codes.ToArray().Select(i => i < 0 ? "" : words.Levels[i])])
        : c)]);

    private static List<string> Words(DataTable table) => [.. table.Columns.SelectMany(c => c switch
    {
        CategoryColumn words => words.Codes.ToArray().Select(i => i < 0 ? "" : words.Levels[i]).Append(string.Join(',', words.Levels)),
        Float32Column numbers => numbers.Values.ToArray().Select(v => BitConverter.SingleToInt32Bits(v).ToString("x", CultureInfo.InvariantCulture)),
        Float64Column numbers => numbers.Values.ToArray().Select(v => BitConverter.DoubleToInt64Bits(v).ToString("x", CultureInfo.InvariantCulture)),
        _ => [],
    })];

    private static CheckInput With(CheckInput input, DataTable evaluation, DataTable? training, IReadOnlyList<int> parts) => new()
    {
        Evaluation = evaluation,
        EvaluationParts = parts,
        Training = training,
        Model = input.Model,
        Champion = input.Champion,
        Threshold = input.Threshold,
        FavourablePrediction = input.FavourablePrediction,
        ReferenceGroups = input.ReferenceGroups,
        Seed = input.Seed,
        Parameters = input.Parameters,
    };
}
