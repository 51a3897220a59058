using System.Globalization;
using Governance.Cli.Demo.Lenders;
using Governance.Cli.Rendering;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Cli.Demo.Steps;

/// <summary>The gate denies the biased version; a corrected one passes.</summary>
internal sealed class GateStep : ITourStep
{
    public string Title => "The gate says no to the biased version; a corrected one passes";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var biased = tour.Facts.BiasedVersion!.Value;
        var problem = await TourContext.RefusedAsync("the owner promotes the biased version", 409, ["gate-denied"],
            () => tour.As(Personas.Owner).PromoteAsync(tour.ModelId, biased, PromotionTarget.Champion, tour.Key("promote-biased"), cancellationToken));
        var denial = problem.Gate ?? throw new TourException("Expected: a denial carries the gate's decision.");
        tour.Say($"Olivia asks to promote version {biased}. Denied by policy {denial.Policy}:");
        Explain(tour, denial, RuleStatus.Violation);
        TourContext.Require(denial.Rules.Any(r => r.Status == RuleStatus.Violation && r.Severity == RuleSeverity.Deny), "the biased version violates a blocking rule");

        var (_, corrections) = await CandidatePlan.MakeAsync(tour.Lender, cancellationToken);
        var seen = new List<(Candidate Candidate, int Version)>();
        foreach (var correction in corrections)
        {
            await Submissions.AddTrainingAsync(tour, correction.Model, cancellationToken);
            await Submissions.AddEvaluationAsync(tour, correction.Model, cancellationToken);
            var submitted = await Submissions.SubmitAsync(tour, correction, Describe(correction, tour.Lender), cancellationToken);
            var number = submitted.Submission.Number;
            tour.Say($"Dana submits version {number}: {correction.Model.Name}, cut-off {correction.Threshold} (on her training data: lowest selection ratio {correction.LowestRatio:0.00}, {correction.Group}; {correction.FavourableShare:P0} of all rows favourable).");
            await CheckRuns.RunAsync(tour, number, cancellationToken);
            seen.Add((correction, number));
            if (await PassesAsync(tour, number, cancellationToken))
            {
                Accept(tour, correction, number);
                return;
            }
        }

        foreach (var tier in new[] { Tier.Two, Tier.Three })
        {
            tour.Say($"None of {seen.Count} corrected versions meets the limits of tier {(int)tier - 1}. Victor assigns tier {(int)tier}: such a model may only assist a person.");
            await tour.As(Personas.Validator).ConfirmTierAsync(tour.ModelId, tier, tour.Key(FormattableString.Invariant($"tier-{(int)tier}")), cancellationToken);
            foreach (var (candidate, number) in seen)
            {
                if (await PassesAsync(tour, number, cancellationToken))
                {
                    Accept(tour, candidate, number);
                    return;
                }
            }
        }

        throw new TourException("Expected: one of the corrected versions passes the gate at some tier.");
    }

    /// <summary>Nothing blocks but signatures.</summary>
    private static async Task<bool> PassesAsync(TourContext tour, int version, CancellationToken cancellationToken)
    {
        var decision = await tour.As(Personas.Developer).PreviewGateAsync(tour.ModelId, version, PromotionTarget.Champion, cancellationToken);
        if (decision.Status != GateStatus.Denied)
        {
            var passed = decision.Rules.Count(r => r.Status == RuleStatus.Pass);
            tour.Say($"Version {version}: {passed} of {decision.Rules.Count} rules pass; what is left is to be signed by: {string.Join(", ", decision.WaitingFor)}.");
            return true;
        }

        tour.Say($"Version {version} is still blocked:");
        Explain(tour, decision, RuleStatus.Violation, RuleStatus.Gap);
        return false;
    }

    private static void Accept(TourContext tour, Candidate candidate, int version)
    {
        tour.Remember(facts => facts with { GoodVersion = version, GoodModel = candidate.Model.Name, GoodThreshold = candidate.Threshold });
        tour.Prove($"The gate refused version {tour.Facts.BiasedVersion} with rule, value, limit and citation, and accepted the evidence of version {version}.");
    }

    private static string Describe(Candidate candidate, Lender lender) => string.Create(CultureInfo.InvariantCulture,
        $"Corrected: {candidate.Model.Name}, cut-off {candidate.Threshold}{(candidate.Threshold.Equals(lender.Threshold) ? "" : $" (moved from {lender.Threshold})")}");

    private static void Explain(TourContext tour, GateDecision decision, params RuleStatus[] statuses)
    {
        foreach (var rule in GateView.Blocking(decision).Where(r => statuses.Contains(r.Status) && r.WaitingFor is null))
        {
            tour.Say($"  {rule.Rule}: {rule.Message} [saw {Draw.Number(rule.Value)}, limit {Draw.Number(rule.Threshold)}; {rule.Citation}]");
            if (rule.Remediation is { } remedy)
            {
                tour.Say($"    would fix it: {remedy}");
            }
        }
    }
}
