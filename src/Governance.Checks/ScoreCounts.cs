using Governance.Checks.Tallies;

namespace Governance.Checks;

/// <summary>
/// The distinct scores of the labelled rows in ascending order, with how many rows of each label have them. All measures of discrimination and
/// calibration are functions of it. Immutable.
/// </summary>
public sealed class ScoreCounts
{
    public ScoreCounts(double[] scores, long[] negatives, long[] positives)
    {
        Scores = scores;
        Negatives = negatives;
        Positives = positives;
        TotalNegatives = negatives.Sum();
        TotalPositives = positives.Sum();
    }

    /// <summary>Distinct scores, ascending, no NaN.</summary>
    public double[] Scores { get; }

    /// <summary>Rows of label 0 at each score.</summary>
    public long[] Negatives { get; }

    /// <summary>Rows of label 1 at each score.</summary>
    public long[] Positives { get; }

    public long TotalNegatives { get; }

    public long TotalPositives { get; }

    public long Total => TotalNegatives + TotalPositives;

    /// <summary>Whether both labels occur, without which ranking has no meaning.</summary>
    public bool HasBothClasses => TotalNegatives > 0 && TotalPositives > 0;

    /// <summary>Rows at a score.</summary>
    public long Count(int index) => Negatives[index] + Positives[index];

    /// <summary>Counts of single rows; a NaN score or a label other than 0 and 1 is left out.</summary>
    public static ScoreCounts OfRows(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels)
    {
        var counts = new CountMapBuilder(Outcomes.Width);
        for (var i = 0; i < scores.Length; i++)
        {
            counts.Add(scores[i], labels[i] == 1 ? Outcomes.Positive : labels[i] == 0 ? Outcomes.Negative : Outcomes.Unlabelled);
        }

        return Of(counts.Build(), "", []);
    }

    /// <summary>Leaves out rows without a label or with a NaN score and says so in <paramref name="leftOut"/>.</summary>
    internal static ScoreCounts Of(CountMap map, string data, List<string> leftOut)
    {
        var length = map.Length > 0 && double.IsNaN(map.Key(map.Length - 1)) ? map.Length - 1 : map.Length;
        var unscored = map.Total() - Enumerable.Range(0, length).Sum(i => Rows(map, i));
        var scores = new List<double>(length);
        var negatives = new List<long>(length);
        var positives = new List<long>(length);
        var unlabelled = 0L;
        for (var i = 0; i < length; i++)
        {
            unlabelled += map.Count(i, Outcomes.Unlabelled);
            if (map.Count(i, Outcomes.Negative) + map.Count(i, Outcomes.Positive) > 0)
            {
                scores.Add(map.Key(i));
                negatives.Add(map.Count(i, Outcomes.Negative));
                positives.Add(map.Count(i, Outcomes.Positive));
            }
        }

        Say(unscored, "no score (NaN)");
        Say(unlabelled, "no label of 0 or 1");
        return new ScoreCounts([.. scores], [.. negatives], [.. positives]);

        void Say(long rows, string what)
        {
            if (rows > 0)
            {
                leftOut.Add($"{rows} of {map.Total()} {data} rows have {what} and are left out.");
            }
        }
    }

    private static long Rows(CountMap map, int index) =>
        map.Count(index, Outcomes.Negative) + map.Count(index, Outcomes.Positive) + map.Count(index, Outcomes.Unlabelled);
}
