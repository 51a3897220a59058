using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Data;

namespace Governance.Checks.Fairness;

/// <summary>
/// One group of one protected attribute: how many were decided favourably, and decisions against outcomes in the favourable framing
/// (the favourable prediction and the label that equals it count as positive). Immutable.
/// </summary>
/// <param name="Favourable">Rows with a favourable decision, labelled or not.</param>
/// <param name="Rows">Rows with a decision.</param>
/// <param name="Confusion">Labelled rows only.</param>
public sealed record GroupCounts(string Level, long Favourable, long Rows, Confusion Confusion)
{
    public double SelectionRate => (double)Favourable / Rows;
}

/// <summary>The groups of one protected attribute. Immutable.</summary>
/// <param name="Groups">In level order; groups without rows are left out.</param>
/// <param name="Reference">The group the others are compared with; null when it has no rows.</param>
public sealed record AttributeGroups(string Attribute, IReadOnlyList<GroupCounts> Groups, GroupCounts? Reference)
{
    /// <summary>How measures name a group.</summary>
    public string Name(GroupCounts group) => $"{Attribute}={group.Level}";

    /// <summary>How measures name the attribute as a whole.</summary>
    public string Whole => $"attribute={Attribute}";
}

/// <summary>Counts decisions and outcomes by group: what the fairness checks share.</summary>
internal static class GroupTally
{
    // Columns: decision (unfavourable, favourable) times outcome (unfavourable, favourable, unlabelled); last, rows without a score.
    private const int Unscored = 6;
    private const int Width = 7;

    public static string? Lacks(CheckInput input) =>
        Attributes(input).Count == 0 ? "The evaluation data has no protected attribute (a category column with that role)." : null;

    public static IReadOnlyList<CategoryColumn> Attributes(CheckInput input) =>
        [.. input.Evaluation.WithRole(ColumnRole.Protected).OfType<CategoryColumn>()];

    public static void Count(CheckInput input, RowRange rows, TallyBuilder tally)
    {
        var cells = RowCells(input, rows);
        var attributes = Attributes(input);
        for (var a = 0; a < attributes.Count; a++)
        {
            var codes = attributes[a].Codes.Span.Slice(rows.Start, rows.Count);
            var counts = new long[(attributes[a].Levels.Count + 1) * Width];
            for (var i = 0; i < rows.Count; i++)
            {
                counts[((codes[i] + 1) * Width) + cells[i]]++;
            }

            var map = tally.Map(a, Width);
            for (var cell = 0; cell < counts.Length; cell++)
            {
                map.Add((cell / Width) - 1, cell % Width, counts[cell]);
            }
        }
    }

    /// <summary>The groups of every attribute; what was left out goes into <paramref name="leftOut"/>.</summary>
    public static IReadOnlyList<AttributeGroups> Conclude(CheckInput input, Tally tally, List<string> leftOut) =>
        [.. Attributes(input).Select((column, a) => Conclude(input, column, tally.Map(a, Width), leftOut))];

    /// <summary>The cell of every row of a shard: decision times outcome, both as favourable or not.</summary>
    private static int[] RowCells(CheckInput input, RowRange rows)
    {
        var scores = input.EvaluationScoresOf(rows).Span;
        var outcome = Outcomes.Of(input.Evaluation);
        var cells = new int[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            if (double.IsNaN(scores[i]))
            {
                cells[i] = Unscored;
                continue;
            }

            var favourable = (scores[i] >= input.Threshold ? 1 : 0) == input.FavourablePrediction;
            var label = outcome(rows.Start + i);
            cells[i] = (favourable ? 3 : 0) + (label == Outcomes.Unlabelled ? 2 : label == input.FavourablePrediction ? 1 : 0);
        }

        return cells;
    }

    private static AttributeGroups Conclude(CheckInput input, CategoryColumn column, CountMap map, List<string> leftOut)
    {
        var groups = new List<GroupCounts>();
        for (var code = 0; code < column.Levels.Count; code++)
        {
            var c = Enumerable.Range(0, Width).Select(k => map.CountOf(code, k)).ToArray();
            if (c[..Unscored].Sum() > 0)
            {
                groups.Add(new GroupCounts(column.Levels[code], c[3] + c[4] + c[5], c[..Unscored].Sum(), new Confusion(c[4], c[3], c[0], c[1])));
            }
        }

        Say(map.Total(Unscored), "no score (NaN)");
        Say(Enumerable.Range(0, Width).Sum(k => map.CountOf(-1, k)), $"no value of {column.Name}");
        return new AttributeGroups(column.Name, groups, Reference(input, column.Name, groups, leftOut));

        void Say(long rows, string what)
        {
            var sentence = $"{rows} of {map.Total()} rows have {what} and are left out.";
            if (rows > 0 && !leftOut.Contains(sentence))
            {
                leftOut.Add(sentence);
            }
        }
    }

    private static GroupCounts? Reference(CheckInput input, string attribute, List<GroupCounts> groups, List<string> leftOut)
    {
        if (input.ReferenceGroups.TryGetValue(attribute, out var level))
        {
            return groups.FirstOrDefault(g => g.Level == level);
        }

        var largest = groups.MaxBy(g => g.Rows);
        if (largest is not null)
        {
            leftOut.Add($"No reference group is declared for {attribute}: the largest group, {largest.Level}, is taken.");
        }

        return largest;
    }
}
