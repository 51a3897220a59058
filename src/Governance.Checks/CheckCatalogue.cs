using Governance.Checks.Explainability;
using Governance.Checks.Fairness;
using Governance.Checks.Privacy;
using Governance.Checks.Robustness;
using Governance.Checks.Validation;

namespace Governance.Checks;

/// <summary>Every check there is, in the order reports show them. Adding a check is one class and one line here. Immutable and thread-safe.</summary>
public static class CheckCatalogue
{
    public static IReadOnlyList<ICheck> All { get; } =
    [
        new ConversionParityCheck(),
        new DiscriminationCheck(),
        new CalibrationCheck(),
        new GradeBacktestCheck(),
        new WeakSegmentsCheck(),
        new StabilityCheck(),
        new DriftCheck(),
        new ChampionChallengerCheck(),
        new AlertBudgetCheck(),
        new ConformalCoverageCheck(),
        new RegressionCheck(),
        new OutcomeBacktestCheck(),
        new AdverseImpactCheck(),
        new GroupRatesCheck(),
        new GroupScoresCheck(),
        new ConditionalImpactCheck(),
        new IntersectionalCheck(),
        new InequalityCheck(),
        new ProxyPowerCheck(),
        new ProhibitedInputsCheck(),
        new ProbabilisticGroupsCheck(),
        new SubgroupScanCheck(),
        new AlternativesCheck(),
        new AttributionsCheck(),
        new PermutationImportanceCheck(),
        new ReasonCodesCheck(),
        new ReasonStabilityCheck(),
        new FaithfulnessCheck(),
        new CounterfactualsCheck(),
        new FeatureEffectsCheck(),
        new MonotonicityCheck(),
        new SurrogateCheck(),
        new MembershipInferenceCheck(),
        new ReferenceAttackCheck(),
        new LeafDisclosureCheck(),
        new AttributeInferenceCheck(),
        new EpsilonFloorCheck(),
        new PrivacyAccountantCheck(),
        new TableDisclosureCheck(),
        new PersonalDataCheck(),
        new PerturbationCheck(),
        new NumericalStabilityCheck(),
        new CertifiedRadiusCheck(),
        new EvasionCheck(),
        new WorstCaseShiftCheck(),
    ];

    /// <summary>The checks that run when nobody names any.</summary>
    public static IReadOnlyList<ICheck> Standard { get; } = [.. All.Where(c => !c.Descriptor.OnRequest)];

    /// <summary>The check of an id, or null.</summary>
    public static ICheck? Find(string id) => All.FirstOrDefault(c => c.Descriptor.Id == id);
}
