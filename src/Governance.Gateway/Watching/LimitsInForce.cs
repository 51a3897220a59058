using Governance.Core.Inventory;
using Governance.Gateway.Policy;
using Governance.Policy.Gates;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>
/// What live traffic is judged by: parameters of the pack in force, by tier. Names: <c>psi_max</c>, <c>auc_min</c>, <c>calibration_error_max</c> as for
/// promotions; <c>live_override_rate_max</c>, <c>live_reviews_waiting_max</c>, <c>live_failure_rate_max</c>, <c>live_refusal_rate_max</c>, <c>live_out_of_range_max</c>, <c>live_p99_ms_max</c>, <c>live_air_min</c>, <c>live_outcome_gap_max</c>. One that is absent
/// leaves the house's limit. Thread-safe.
/// </summary>
internal sealed class LimitsInForce(PolicyInForce policy)
{
    private static readonly MonitorLimits House = new();

    /// <exception cref="Core.Gates.PolicyUnavailableException">The pack in force cannot be read.</exception>
    public MonitorLimits Of(Tier tier)
    {
        var pack = policy.Pack;
        return House with
        {
            Psi = pack.Number(tier, "psi_max") ?? House.Psi,
            Auc = pack.Number(tier, "auc_min") ?? House.Auc,
            CalibrationError = pack.Number(tier, "calibration_error_max") ?? House.CalibrationError,
            OverrideRate = pack.Number(tier, "live_override_rate_max") ?? House.OverrideRate,
            ReviewsWaiting = pack.Number(tier, "live_reviews_waiting_max") ?? House.ReviewsWaiting,
            FailureRate = pack.Number(tier, "live_failure_rate_max") ?? House.FailureRate,
            RefusalRate = pack.Number(tier, "live_refusal_rate_max") ?? House.RefusalRate,
            OutsideRate = pack.Number(tier, "live_out_of_range_max") ?? House.OutsideRate,
            ImpactRatio = pack.Number(tier, "live_air_min") ?? House.ImpactRatio,
            OutcomeGap = pack.Number(tier, "live_outcome_gap_max") ?? House.OutcomeGap,
            P99Milliseconds = pack.Number(tier, "live_p99_ms_max") ?? House.P99Milliseconds,
        };
    }
}
