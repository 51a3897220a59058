using System.Globalization;

namespace Governance.Data.Synthetic;

/// <summary>One application and its outcome.</summary>
internal sealed record SyntheticApplication(
    string Id, string Sex, string AgeGroup, string Origin, IReadOnlyList<float> Features, bool Default, bool RecordedDefault)
{
    private static readonly string[] FeatureNames =
    [
        "income", "loan_amount", "debt_to_income", "credit_utilisation", "employment_years", "credit_history_months", "savings", "prior_defaults",
        "recent_enquiries", SyntheticLender.ProxyFeature,
    ];

    public static DatasetSchema Schema { get; } = new(
    [
        ColumnSchema.SubjectId("application_id"),
        .. FeatureNames.Select(f => ColumnSchema.Feature(f)),
        ColumnSchema.Protected("sex"),
        ColumnSchema.Protected("age_group"),
        ColumnSchema.Protected("origin"),
        ColumnSchema.Label("defaulted"),
    ]);

    public static SyntheticApplication Draw(SeededRandom random, int number)
    {
        var female = random.Chance(0.5);
        var migrant = random.Chance(SyntheticLender.MigrantShare);
        var age = Math.Clamp(42 + (13 * random.NextNormal()), 19, 78);
        var income = Round(33_000 * Math.Exp(0.4 * random.NextNormal()), 100);
        var loan = Round(11_000 * Math.Exp(0.5 * random.NextNormal()), 100);
        var debtToIncome = Round(Math.Clamp(0.32 + (0.13 * random.NextNormal()), 0.01, 0.95), 0.001);
        var utilisation = Round(Math.Clamp(0.45 + (0.24 * random.NextNormal()), 0, 1), 0.001);
        var employment = Round(Math.Min(age - 18, random.NextExponential(7)), 0.1);
        var history = Round(Math.Min((age - 18) * 12, 12 + random.NextExponential(90)), 1);
        var savings = Round(6_000 * Math.Exp(0.9 * random.NextNormal()), 10);
        var earlierDefaults = Math.Min(random.NextPoisson(0.3), 5);
        var enquiries = Math.Min(random.NextPoisson(1.2), 9);
        var postcode = Round(Math.Clamp((migrant ? 6.4 : 3.2) + (1.1 * random.NextNormal()), 0, 10), 0.1);

        var logOdds = -2.35
            - (0.000_022 * (income - 33_000)) + (0.000_045 * (loan - 11_000)) + (4.4 * (debtToIncome - 0.32)) + (2.6 * (utilisation - 0.45))
            - (0.05 * (employment - 6)) - (0.0035 * (history - 90)) - (0.000_025 * (savings - 8_000)) + (1.15 * earlierDefaults) + (0.22 * (enquiries - 1.2));
        var defaulted = random.Chance(1 / (1 + Math.Exp(-logOdds)));
        var overRecorded = random.Chance(SyntheticLender.OverRecording) && migrant;
        return new SyntheticApplication(
            string.Create(CultureInfo.InvariantCulture, $"APP-{number:000000}"),
            female ? "female" : "male",
            age switch { < 31 => "18_30", < 51 => "31_50", _ => "over_50" },
            migrant ? "migrant" : "domestic",
            [(float)income, (float)loan, (float)debtToIncome, (float)utilisation, (float)employment, (float)history, (float)savings, earlierDefaults, enquiries, (float)postcode],
            defaulted,
            defaulted || overRecorded);
    }

    public static DataTable Table(ReadOnlySpan<SyntheticApplication> rows, Func<SyntheticApplication, bool> label)
    {
        var all = rows.ToArray();
        return new DataTable(
        [
            new TextColumn("application_id", ColumnRole.SubjectId, [.. all.Select(a => a.Id)]),
            .. FeatureNames.Select((name, f) => new Float32Column(name, ColumnRole.Feature, all.Select(a => a.Features[f]).ToArray())),
            Category("sex", all, a => a.Sex),
            Category("age_group", all, a => a.AgeGroup),
            Category("origin", all, a => a.Origin),
            new Float64Column("defaulted", ColumnRole.Label, all.Select(a => label(a) ? 1.0 : 0.0).ToArray()),
        ]);
    }

    private static CategoryColumn Category(string name, SyntheticApplication[] rows, Func<SyntheticApplication, string> word)
    {
        var levels = rows.Select(word).Distinct().Order(StringComparer.Ordinal).ToArray();
        return new CategoryColumn(name, ColumnRole.Protected, rows.Select(r => Array.IndexOf(levels, word(r))).ToArray(), levels);
    }

    private static double Round(double value, double unit) => Math.Round(value / unit) * unit;
}
