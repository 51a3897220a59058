namespace Governance.Data.Synthetic;

/// <summary>
/// Makes the portfolio of a lender that does not exist, from a seed. Default follows a known logistic law of the applicant's finances only; the bias is
/// put in on purpose and described, so that what a check finds can be compared with what is there. Equal arguments give equal tables.
/// </summary>
public static class SyntheticLender
{
    public const string ProxyFeature = "postcode_risk";

    /// <summary>Share of applicants of migrant origin.</summary>
    public const double MigrantShare = 0.3;

    /// <summary>Chance that a repaid loan of a migrant applicant stands in the history as a default.</summary>
    public const double OverRecording = 0.35;

    private const string Description =
        "Seeded synthetic consumer-credit applications. Default (label 1) follows a logistic law of income, debt, utilisation, employment, history, earlier defaults and " +
        "enquiries; sex, age and origin have no effect of their own. Injected bias: (1) in the history, 35% of the repaid loans of migrant applicants " +
        "are recorded as defaults; (2) postcode_risk follows origin and has no effect on default, so a model trained on the history learns origin through it. " +
        "The reviewed table has the true labels of the same applications; the evaluation table has later applications with true labels.";

    /// <param name="seed">Any value.</param>
    /// <param name="training">Applications in the history, at least 1.</param>
    /// <param name="evaluation">Later applications, at least 1.</param>
    public static SyntheticPortfolio Generate(ulong seed, int training = 6_000, int evaluation = 3_000)
    {
        var random = new SeededRandom(seed);
        var applications = Enumerable.Range(1, training + evaluation).Select(number => SyntheticApplication.Draw(random, number)).ToArray();
        var past = applications.AsSpan(0, training);
        return new SyntheticPortfolio
        {
            Schema = SyntheticApplication.Schema,
            History = SyntheticApplication.Table(past, a => a.RecordedDefault),
            Reviewed = SyntheticApplication.Table(past, a => a.Default),
            Evaluation = SyntheticApplication.Table(applications.AsSpan(training), a => a.Default),
            ReferenceGroups = new Dictionary<string, string> { ["sex"] = "male", ["age_group"] = "31_50", ["origin"] = "domestic" },
            Threshold = 0.3,
            FavourablePrediction = 0,
            ProxyFeature = ProxyFeature,
            Description = Description,
        };
    }
}
