namespace Governance.Checks.Statistics;

/// <summary>Decisions against outcomes. A rate with an empty denominator is NaN. Immutable.</summary>
public readonly record struct Confusion(long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    public long Total => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    public long Positives => TruePositives + FalseNegatives;

    public long Negatives => FalsePositives + TrueNegatives;

    public long PredictedPositives => TruePositives + FalsePositives;

    public double Accuracy => (double)(TruePositives + TrueNegatives) / Total;

    public double Recall => (double)TruePositives / Positives;

    public double Specificity => (double)TrueNegatives / Negatives;

    public double Precision => (double)TruePositives / PredictedPositives;

    public double BalancedAccuracy => (Recall + Specificity) / 2;

    public double F1 => 2.0 * TruePositives / ((2.0 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Matthews' correlation (1975).</summary>
    public double Matthews
    {
        get
        {
            double tp = TruePositives, fp = FalsePositives, tn = TrueNegatives, fn = FalseNegatives;
            return ((tp * tn) - (fp * fn)) / (Math.Sqrt((tp + fp) * (tp + fn)) * Math.Sqrt((tn + fp) * (tn + fn)));
        }
    }

    /// <summary>Cohen's kappa (1960).</summary>
    public double Kappa
    {
        get
        {
            double n = Total;
            var chance = ((PredictedPositives / n) * (Positives / n)) + (((n - PredictedPositives) / n) * (Negatives / n));
            return (Accuracy - chance) / (1 - chance);
        }
    }

    /// <summary>The same decisions with label and prediction turned round, so that the other class is the positive one.</summary>
    public Confusion Reversed => new(TrueNegatives, FalseNegatives, TruePositives, FalsePositives);

    public static Confusion operator +(Confusion a, Confusion b) => new(
        a.TruePositives + b.TruePositives, a.FalsePositives + b.FalsePositives, a.TrueNegatives + b.TrueNegatives, a.FalseNegatives + b.FalseNegatives);

    public static Confusion Add(Confusion left, Confusion right) => left + right;

    /// <summary>Scores at or above the threshold predict 1.</summary>
    public static Confusion Of(ScoreCounts counts, double threshold)
    {
        long tp = 0, fp = 0;
        for (var i = counts.Scores.Length - 1; i >= 0 && counts.Scores[i] >= threshold; i--)
        {
            tp += counts.Positives[i];
            fp += counts.Negatives[i];
        }

        return new Confusion(tp, fp, counts.TotalNegatives - fp, counts.TotalPositives - tp);
    }
}
