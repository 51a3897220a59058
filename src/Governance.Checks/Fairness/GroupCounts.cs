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

    /// <summary>Counts every attribute into the slot of its position.</summary>
    public static void Count(CheckInput input, RowRange rows, TallyBuilder tally)
    {
        var cells = RowCells(input, rows);
        var attributes = Attributes(input);
        for (var a = 0; a < attributes.Count; a++)
        {
            Count(cells, attributes[a].Codes.Span.Slice(rows.Start, rows.Count), attributes[a].Levels.Count, tally.Map(a, Width));
        }
    }

    /// <summary>Counts the crossing of every pair of attributes into the slot of its position after <paramref name="firstSlot"/>.</summary>
    public static void CountPairs(CheckInput input, RowRange rows, TallyBuilder tally, int firstSlot = 0)
    {
        var cells = RowCells(input, rows);
        foreach (var (pair, slot) in Pairs(input).Select((p, i) => (p, i)))
        {
            var first = pair.First.Codes.Span.Slice(rows.Start, rows.Count);
            var second = pair.Second.Codes.Span.Slice(rows.Start, rows.Count);
            var codes = new int[rows.Count];
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = first[i] < 0 || second[i] < 0 ? -1 : (first[i] * pair.Second.Levels.Count) + second[i];
            }

            Count(cells, codes, pair.First.Levels.Count * pair.Second.Levels.Count, tally.Map(firstSlot + slot, Width));
        }
    }

    public static IReadOnlyList<(CategoryColumn First, CategoryColumn Second)> Pairs(CheckInput input)
    {
        var attributes = Attributes(input);
        return [.. attributes.SelectMany((a, i) => attributes.Skip(i + 1).Select(b => (a, b)))];
    }

    /// <summary>The groups in one slot: one per level that has rows.</summary>
    public static IReadOnlyList<GroupCounts> Groups(Tally tally, int slot, IReadOnlyList<string> levels)
    {
        var map = tally.Map(slot, Width);
        var groups = new List<GroupCounts>();
        for (var code = 0; code < levels.Count; code++)
        {
            var c = Enumerable.Range(0, Width).Select(k => map.CountOf(code, k)).ToArray();
            var rows = c[..Unscored].Sum();
            if (rows > 0)
            {
                groups.Add(new GroupCounts(levels[code], c[3] + c[4] + c[5], rows, new Confusion(c[4], c[3], c[0], c[1])));
            }
        }

        return groups;
    }

    private static void Count(int[] cells, ReadOnlySpan<int> codes, int levels, CountMapBuilder map)
    {
        var counts = new long[(levels + 1) * Width];
        for (var i = 0; i < codes.Length; i++)
        {
            counts[((codes[i] + 1) * Width) + cells[i]]++;
        }

        for (var cell = 0; cell < counts.Length; cell++)
        {
            map.Add((cell / Width) - 1, cell % Width, counts[cell]);
        }
    }

    /// <summary>The groups of every attribute; what was left out goes into <paramref name="leftOut"/>.</summary>
    public static IReadOnlyList<AttributeGroups> Conclude(CheckInput input, Tally tally, List<string> leftOut) =>
        [.. Attributes(input).Select((column, a) => Conclude(input, column, tally, a, leftOut))];

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

    private static AttributeGroups Conclude(CheckInput input, CategoryColumn column, Tally tally, int slot, List<string> leftOut)
    {
        var map = tally.Map(slot, Width);
        var groups = Groups(tally, slot, column.Levels);
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

    private static GroupCounts? Reference(CheckInput input, string attribute, IReadOnlyList<GroupCounts> groups, List<string> leftOut)
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
