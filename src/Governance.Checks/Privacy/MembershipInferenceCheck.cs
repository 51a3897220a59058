using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Privacy;

/// <summary>Can somebody who sees the score tell whether a person was in the training data?</summary>
public sealed class MembershipInferenceCheck : TallyCheck
{
    private const int NonMember = Outcomes.Negative;
    private const int Member = Outcomes.Positive;

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.membership_inference",
        Version = "1",
        Family = CheckFamily.Privacy,
        Title = "Membership inference by loss",
        Purpose = "Does the model betray who was in its training data, by fitting those people better than others?",
        Method = "The attacker calls a person a member when the loss of the score on the known label is small. Members are the training rows, non-members the evaluation rows. Reported: AUC of the attack with DeLong's interval, and "
            + "the true positive rate at the strictest threshold whose false positive rate is at most 1 and 0.1 percent, with Clopper-Pearson's interval.",
        SignsOfHighRisk = "A lower bound of the true positive rate above the false positive rate: some members can be named with confidence even when the AUC is near 0.5. An attack AUC above about 0.6.",
        Strengths = "Needs neither retraining nor shadow models; reads low false positive rates, where harm to individuals lies, not only the average.",
        Limits = "A floor, not a ceiling: stronger attacks with reference models (LiRA, RMIA) may succeed where this one fails. A difference between training and evaluation population looks like leakage, "
            + "so use a random split. The threshold is chosen on the same rows, which flatters the attack slightly. Rows of one person are taken as independent.",
        Sources =
        [
            "Yeom et al. (2018), Privacy risk in machine learning, CSF", "Carlini et al. (2022), Membership inference attacks from first principles, IEEE S&P", "Clopper and Pearson (1934), Biometrika 26",
            "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44",
        ],
        Parameters = [CheckParameters.Confidence],
        Measures =
        [
            new("attack_auc", "AUC with which the loss tells members from others; one half is chance", 0, 1),
            new("tpr_at_fpr_1pct", "share of members found at 1% false positives", 0, 1),
            new("tpr_at_fpr_0_1pct", "share of members found at 0.1% false positives", 0, 1),
        ],
        Thresholds =
        [
            new("attack_auc", LimitKind.AtMost, [0.55, 0.58, 0.6], "House; 0.5 is chance, and the upper end of the interval is compared.", "privacy/attack_auc_max"),
        ],
    };

    protected override string? Lacks(CheckInput input) =>
        input.Training is null ? "No training data is registered." : Outcomes.Lacks(input.Evaluation) ?? Outcomes.Lacks(input.Training);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var share = TrainingRows.Of(context.Input, rows);
        var map = tally.Map(0, Outcomes.Width);
        CountConfidence(map, context.Input.Evaluation, context.Input.EvaluationScoresOf(rows).Span, rows, NonMember);
        CountConfidence(map, context.Input.Training!, context.Input.TrainingScoresOf(share).Span, share, Member);
    }

    /// <summary>The probability given to the true label falls as the loss rises, so it ranks as the loss does.</summary>
    private static void CountConfidence(CountMapBuilder map, DataTable table, ReadOnlySpan<double> scores, RowRange rows, int membership)
    {
        var outcome = Outcomes.Of(table);
        for (var i = 0; i < rows.Count; i++)
        {
            var label = outcome(rows.Start + i);
            if (label != Outcomes.Unlabelled)
            {
                map.Add(label == Outcomes.Positive ? scores[i] : 1 - scores[i], membership);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        var counts = ScoreCounts.Of(tally.Map(0, Outcomes.Width), "labelled", leftOut);
        var figures = new Figures();
        var (attack, at1, _) = AttackFigures.Add(figures, counts, context.Confidence);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture,
                $"The loss attack tells {counts.TotalPositives} members from {counts.TotalNegatives} others with AUC {Figures.Text(attack)}; at 1% false positives it finds {Figures.Text(at1)} of the members."),
            figures.All)
        {
            Limitations = leftOut,
        };
    }
}
