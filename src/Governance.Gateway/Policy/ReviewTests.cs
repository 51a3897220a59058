using Governance.Checks;
using Governance.Core.Evidence;
using Governance.Core.State;

namespace Governance.Gateway.Policy;

/// <summary>The tests of a version's recorded evidence, together. Thread-safe.</summary>
public sealed class ReviewTests(EvidenceSource evidence, PolicyInForce policy)
{
    /// <summary>In the order of the catalogue; those gate on whose measures the policy in force decides. Evidence that does not verify has none.</summary>
    /// <exception cref="Core.Gates.PolicyUnavailableException">No policy is in force.</exception>
    public IReadOnlyList<ReviewTest> Of(VersionState version) => MultiplicityLedger.Of(
        CheckCatalogue.All.Select(c => version.Evidence.GetValueOrDefault(c.Descriptor.Id)).OfType<EvidenceState>().Select(e => evidence.Get(e.Envelope)?.Result).OfType<CheckResult>(),
        policy.Pack.Decides);
}
