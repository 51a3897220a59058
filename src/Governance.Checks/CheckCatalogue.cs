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
        new AdverseImpactCheck(),
        new GroupRatesCheck(),
        new GroupScoresCheck(),
        new ConditionalImpactCheck(),
        new IntersectionalCheck(),
        new InequalityCheck(),
        new ProxyPowerCheck(),
        new AttributionsCheck(),
        new PermutationImportanceCheck(),
        new ReasonCodesCheck(),
        new ReasonStabilityCheck(),
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
    ];

    /// <summary>The check of an id, or null.</summary>
    public static ICheck? Find(string id) => All.FirstOrDefault(c => c.Descriptor.Id == id);
}
