using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Privacy;

/// <summary>Is the epsilon that a developer claims the one that the training's settings give?</summary>
public sealed class PrivacyAccountantCheck : TallyCheck
{
    private static readonly CheckParameter Claim = new("claimed_epsilon", "The ε that is claimed; 0 when no claim is made and the check does not apply.", 0, 0, 1e6);
    private static readonly CheckParameter Delta = new("delta", "The δ of the claim.", 1e-5, 1e-12, 0.1);
    private static readonly CheckParameter Noise = new("noise_multiplier", "Standard deviation of the noise over the clipping norm.", 1, 0.05, 1000);
    private static readonly CheckParameter Rate = new("sampling_rate", "Chance of a record to be in a step: batch size over number of records.", 1, 1e-9, 1);
    private static readonly CheckParameter Steps = CheckParameter.Whole("steps", "Number of noisy steps.", 1, 1, 10_000_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.dp_accountant",
        Version = "1",
        OnRequest = true,
        Family = CheckFamily.Privacy,
        Title = "Recomputed differential privacy",
        Purpose = "If the model is said to be trained with differential privacy, do noise, sampling rate and number of steps really give the claimed epsilon at the claimed delta?",
        Method = "The Gaussian mechanism on Poisson-sampled batches, composed over all steps, adding or removing one record. Two upper bounds: Renyi divergence at 165 orders converted by Canonne, Kamath and Steinke; and composition of "
            + "the privacy loss distribution by Fourier transform on a grid that keeps the mass of both distributions in every cell, so that the answer is not too small.",
        SignsOfHighRisk = "A recomputed epsilon above the claimed one. An epsilon above about 10, which promises little. A delta above one over the number of training rows.",
        Strengths = "Recomputes the claim from its ingredients by two independent methods; the second is tight.",
        Limits = "Trusts the stated noise, rate and steps: whether the training did what they say is for the empirical floor. Batches are taken to be Poisson samples; shuffled batches, as most code uses, are not covered by this bound. "
            + "Other runs on the same data (tuning) spend privacy that is not counted here.",
        Sources =
        [
            "Mironov, Talwar and Zhang (2019), Renyi differential privacy of the sampled Gaussian mechanism, arXiv 1908.10530", "Canonne, Kamath and Steinke (2020), The discrete Gaussian for differential privacy, NeurIPS",
            "Koskela, Jälkö and Honkela (2020), Computing tight differential privacy guarantees using FFT, AISTATS", "Doroshenko et al. (2022), Connect the dots, PoPETs",
        ],
        Parameters = [Claim, Delta, Noise, Rate, Steps],
        Measures =
        [
            new("epsilon_rdp", "epsilon by Renyi differential privacy", 0),
            new("epsilon_pld", "epsilon by the privacy loss distribution", 0),
            new("epsilon", "the smaller of the two", 0),
            new("claim_shortfall", "epsilon less the claim"),
            new("delta_times_rows", "delta times the number of training rows", 0),
        ],
        Thresholds =
        [
            new("claim_shortfall", LimitKind.AtMost, [0], "The claimed epsilon must not be below the accounted one."),
            new("delta_times_rows", LimitKind.AtMost, [1], "Delta below one over the number of records (Dwork and Roth 2014)."),
        ],
    };

    protected override string? Lacks(CheckInput input) =>
        CheckParameters.Of(Descriptor, input)[Claim.Name] > 0 ? null : "No claim of differential privacy is made: set claimed_epsilon, delta, noise_multiplier, sampling_rate and steps to have one recomputed.";

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var p = context.Parameters;
        var (claim, delta) = (p[Claim.Name], p[Delta.Name]);
        var accounting = new GaussianAccounting(p[Noise.Name], p[Rate.Name], (long)p[Steps.Name]);
        var (renyi, order) = accounting.Renyi(delta);
        cancellationToken.ThrowIfCancellationRequested();
        var exact = accounting.LossDistribution(delta);
        var best = Math.Min(renyi, exact);
        var figures = new Figures();
        figures.Add("epsilon_rdp", renyi, note: string.Create(CultureInfo.InvariantCulture, $"At order {order}."));
        figures.Add("epsilon_pld", exact, note: double.IsFinite(exact) ? null : "The grid's own error exceeds delta.");
        figures.Add("epsilon", best, note: "The smaller of both bounds.");
        figures.Add("claim_shortfall", best - claim, note: "Above 0 the settings do not give the claimed epsilon.");
        if (context.Input.Training is { RowCount: > 0 } training)
        {
            figures.Add("delta_times_rows", delta * training.RowCount, count: training.RowCount, note: "Below 1 by custom: else publishing one whole record would satisfy the definition.");
        }

        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"The settings give epsilon {Figures.Text(best)} at delta {delta}; {claim} is claimed, which {(best <= claim ? "they support" : "they do not support")}."), figures.All);
    }
}
