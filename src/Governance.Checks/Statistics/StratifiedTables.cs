namespace Governance.Checks.Statistics;

/// <summary>Two-by-two tables of one question in several strata. Strata with an empty margin say nothing and are left out. Immutable.</summary>
public sealed class StratifiedTables
{
    private readonly FourfoldTable[] strata;

    public StratifiedTables(IEnumerable<FourfoldTable> strata) =>
        this.strata = [.. strata.Where(t => t.A + t.B > 0 && t.C + t.D > 0 && t.A + t.C > 0 && t.B + t.D > 0 && t.Total > 1)];

    /// <summary>Strata that inform.</summary>
    public int Count => strata.Length;

    public long Rows => strata.Sum(t => t.Total);

    /// <summary>Cochran–Mantel–Haenszel statistic with continuity correction (Mantel and Haenszel 1959): chi-squared on 1 df. NaN without strata.</summary>
    public double MantelHaenszel
    {
        get
        {
            var difference = Math.Abs(strata.Sum(t => t.A - Expected(t)));
            var corrected = Math.Max(0, difference - 0.5);
            return corrected * corrected / strata.Sum(t =>
            {
                double n = t.Total;
                return (t.A + t.B) / n * ((t.C + t.D) / n) * (t.A + t.C) * ((t.B + t.D) / (n - 1));
            });
        }
    }

    /// <summary>Common ratio of the proportions of yes, first group over second.</summary>
    public double RiskRatio => strata.Sum(t => (double)t.A * (t.C + t.D) / t.Total) / strata.Sum(t => (double)t.C * (t.A + t.B) / t.Total);

    /// <summary>Common odds ratio.</summary>
    public double OddsRatio => strata.Sum(t => (double)t.A * t.D / t.Total) / strata.Sum(t => (double)t.B * t.C / t.Total);

    /// <summary>Interval of <see cref="RiskRatio"/> on the log scale (Greenland and Robins 1985); null where a sum is zero.</summary>
    public Interval? RiskRatioInterval(double level)
    {
        double r = strata.Sum(t => (double)t.A * (t.C + t.D) / t.Total), s = strata.Sum(t => (double)t.C * (t.A + t.B) / t.Total);
        var variance = strata.Sum(t =>
        {
            double n = t.Total;
            return ((t.A + t.C) / n * (t.A + t.B) * ((t.C + t.D) / n)) - ((double)t.A * t.C / n);
        }) / (r * s);
        if (!(r > 0 && s > 0 && variance > 0))
        {
            return null;
        }

        var half = Interval.CriticalValue(level) * Math.Sqrt(variance);
        return new Interval(r / s * Math.Exp(-half), r / s * Math.Exp(half), level, "Greenland-Robins log");
    }

    /// <summary>Do strata share one odds ratio? Breslow and Day (1980) with Tarone's correction (1985): chi-squared on <see cref="Count"/> − 1 df. NaN where the common odds ratio has no value.</summary>
    public double BreslowDay
    {
        get
        {
            var odds = OddsRatio;
            if (!(odds > 0) || !double.IsFinite(odds))
            {
                return double.NaN;
            }

            double statistic = 0, differences = 0, variances = 0;
            foreach (var t in strata)
            {
                var fitted = Fitted(t, odds);
                double b = t.A + t.B - fitted, c = t.A + t.C - fitted, d = t.D - t.A + fitted;
                var variance = 1 / ((1 / fitted) + (1 / b) + (1 / c) + (1 / d));
                statistic += (t.A - fitted) * (t.A - fitted) / variance;
                differences += t.A - fitted;
                variances += variance;
            }

            return Math.Max(0, statistic - (differences * differences / variances));
        }
    }

    private static double Expected(FourfoldTable t) => (double)(t.A + t.B) * (t.A + t.C) / t.Total;

    /// <summary>The first cell of the table with the same margins whose odds ratio is given.</summary>
    private static double Fitted(FourfoldTable t, double odds)
    {
        double r = t.A + t.B, c = t.A + t.C, rest = t.Total - r - c;
        if (Math.Abs(odds - 1) < 1e-9)
        {
            return r * c / t.Total;
        }

        // (odds − 1)·x² − (odds·(r + c) + rest)·x + odds·r·c = 0; the root within the margins, in the form without cancellation.
        var p = (odds * (r + c)) + rest;
        return 2 * odds * r * c / (p + Math.Sqrt(Math.Max(0, (p * p) - (4 * (odds - 1) * odds * r * c))));
    }
}
