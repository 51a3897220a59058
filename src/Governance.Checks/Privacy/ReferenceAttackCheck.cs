using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using MathNet.Numerics.Distributions;

namespace Governance.Checks.Privacy;

/// <summary>
/// Can an attacker with models of the same kind tell who was in the training data? In two stages: shadow models are trained and leave their
/// log-odds for every row of the pool; then rows are attacked with what all models left.
/// </summary>
public sealed class ReferenceAttackCheck : TallyCheck, IStagedCheck
{
    private const int Out = 0;
    private const int In = 1;
    private const int Audited = 2;
    private const int Width = 3;
    private const int LiraSlot = 0;
    private const int RmiaSlot = 1;

    private static readonly CheckParameter Shadows = CheckParameter.Whole("shadow_models", "Shadow models that are trained, each on a random half of the pool.", 16, 2, 1024);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.reference_attack",
        Version = "1",
        OnRequest = true,
        Family = CheckFamily.Privacy,
        Title = "Membership inference with shadow models",
        Purpose = "Does the model betray its training rows to an attacker who knows data of the same kind and trains models of the same kind?",
        Method = "Shadow models are trained by the recipe on random halves of a pool of training and evaluation rows; for every row its log-odds of the true label under models with and without it are kept. LiRA: log likelihood ratio of the audited model's "
            + "log-odds under a normal with the mean of the models with the row and one with that of the models without it, variances pooled over rows. RMIA: share of the non-member rows whose ratio p(audited) / mean p(shadow) lies below the row's own. "
            + "For both: AUC with DeLong's interval, and true positive rate at 1 and 0.1 percent false positives with Clopper-Pearson's interval.",
        SignsOfHighRisk = "A lower bound of the true positive rate well above the false positive rate it is read at, even where the AUC is near one half: some people can be named with confidence. An AUC above about 0.6.",
        Strengths = "The strongest attacks that are known for a scoring interface; each row is compared with itself, so a row that is easy for every model is not taken for a member.",
        Limits = "Shadow models by a recipe that is not the model's own make the attack weaker than a real one. Few shadow models make LiRA noisy; RMIA works with few. A finite pool biases LiRA slightly (arXiv 2605.25819). "
            + "The threshold is read off the same rows. A shift between training and evaluation data looks like leakage.",
        Sources =
        [
            "Carlini et al. (2022), Membership inference attacks from first principles, IEEE S&P", "Zarifzadeh, Liu and Shokri (2024), Low-cost high-power membership inference attacks, ICML", "Clopper and Pearson (1934), Biometrika 26",
        ],
        Parameters = [Shadows, ShadowTraining.Recipe, ShadowTraining.Limit, CheckParameters.Confidence],
        Measures =
        [
            new("attack_auc", "AUC of an attack; one half is chance", 0, 1),
            new("max_attack_auc", "the larger of the two attacks", 0, 1),
            new("tpr_at_fpr_1pct", "share of members found at 1% false positives", 0, 1),
            new("tpr_at_fpr_0_1pct", "share of members found at 0.1% false positives", 0, 1),
        ],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) =>
        input.Training is null ? "No training data is registered." : Outcomes.Lacks(input.Evaluation) ?? Outcomes.Lacks(input.Training);

    /// <inheritdoc/>
    public IReadOnlyList<CheckStage> Stages(int rows, IReadOnlyDictionary<string, double> given) =>
        [new CheckStage(CheckStage.Models, (int)Math.Clamp(given.GetValueOrDefault(Shadows.Name, Shadows.Default), Shadows.Minimum, Shadows.Maximum)), new CheckStage(CheckStage.Rows, rows)];

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Map(CheckInput input, int stage, RowRange part, StageStates before, CancellationToken cancellationToken)
    {
        var (context, tally) = (Context(input), new TallyBuilder());
        if (stage == 0)
        {
            Train(context, part, tally, cancellationToken);
        }
        else
        {
            Attack(context, part, ShardState.Merge(before[0], context.Parameters.Whole(Shadows.Name)), tally, cancellationToken);
        }

        return ShardState.Write(part, tally.Build());
    }

    /// <inheritdoc/>
    public CheckResult Reduce(CheckInput input, StageStates states, CancellationToken cancellationToken) => Reduce(input, states[1], cancellationToken);

    /// <summary>On its own: the models are trained once for all shards of this process.</summary>
    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var models = context.Input.Once($"{Descriptor.Id}/models", () =>
        {
            var trained = new TallyBuilder();
            Train(context, new RowRange(0, context.Parameters.Whole(Shadows.Name)), trained, CancellationToken.None);
            return trained.Build();
        });
        Attack(context, rows, models, tally, cancellationToken);
    }

    private static void Train(CheckContext context, RowRange models, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var training = new ShadowTraining(context);
        foreach (var shadow in Enumerable.Range(models.Start, models.Count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (training.Confidences(shadow, cancellationToken) is { } confidences)
            {
                Keep(tally, confidences, r => training.Contains(shadow, r) ? In : Out);
            }

            if (shadow == 0)
            {
                Keep(tally, training.TargetConfidences(cancellationToken), _ => Audited);
            }
        }
    }

    /// <summary>Attacks the shard's share of the pool; deviations and ranks come from the whole of it.</summary>
    private static void Attack(CheckContext context, RowRange rows, Tally models, TallyBuilder tally, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var training = new ShadowTraining(context);
        var pool = Enumerable.Range(0, training.Rows).Select(r => AttackedRow.Of(models.Map(r, Width), r < training.Members)).ToArray();
        var attacked = pool.OfType<AttackedRow>().ToArray();
        var (lira, rmia) = (Lira(attacked), Rmia(attacked));
        var share = rows.Scaled(context.Input.Evaluation.RowCount, training.Rows);
        for (int r = 0, at = 0; r < share.Start + share.Count; r++)
        {
            if (pool[r] is not { } row)
            {
                continue;
            }

            if (r >= share.Start)
            {
                var outcome = row.IsMember ? Outcomes.Positive : Outcomes.Negative;
                tally.Map(LiraSlot, Outcomes.Width).Add(lira[at], outcome);
                tally.Map(RmiaSlot, Outcomes.Width).Add(rmia[at], outcome);
            }

            at++;
        }
    }

    private static void Keep(TallyBuilder tally, double[] confidences, Func<int, int> column)
    {
        for (var r = 0; r < confidences.Length; r++)
        {
            if (!double.IsNaN(confidences[r]))
            {
                tally.Map(r, Width).Add(confidences[r], column(r));
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var training = new ShadowTraining(context);
        var figures = new Figures();
        var lira = AttackFigures.Add(figures, Counts(tally, LiraSlot), context.Confidence, "attack=lira");
        var rmia = AttackFigures.Add(figures, Counts(tally, RmiaSlot), context.Confidence, "attack=rmia");
        var strongest = new[] { lira.Auc, rmia.Auc }.Where(m => m.Value is not null).MaxBy(m => m.Value);
        if (strongest is null)
        {
            figures.Undefined("max_attack_auc", "No row has scores of shadow models with it and without it, of members and of others.");
        }
        else
        {
            figures.Add("max_attack_auc", strongest.Value, interval: strongest.Lower is { } l && strongest.Upper is { } u ? new Interval(l, u, strongest.Level!.Value, strongest.Interval!) : null,
                count: strongest.Count, note: strongest.Group + ".");
        }

        var shadows = context.Parameters.Whole(Shadows.Name);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture,
                $"With {shadows} shadow models ({training.Trainer.Name}) LiRA tells members from others with AUC {Figures.Text(lira.Auc)}, RMIA with {Figures.Text(rmia.Auc)}; at 1% false positives they find {Figures.Text(lira.At1)} and {Figures.Text(rmia.At1)} of the members."),
            figures.All);
    }

    private static ScoreCounts Counts(Tally tally, int slot) => ScoreCounts.Of(tally.Map(slot, Outcomes.Width), "attacked", []);

    /// <summary>Log likelihood ratio of in against out, with the pooled deviations of all rows.</summary>
    private static double[] Lira(AttackedRow[] rows)
    {
        double inside = Deviation(rows, r => r.Inside), outside = Deviation(rows, r => r.Outside);
        return Array.ConvertAll(rows, r => Normal.PDFLn(r.Inside.Mean, inside, r.Target) - Normal.PDFLn(r.Outside.Mean, outside, r.Target));
    }

    /// <summary>Pooled standard deviation of the shadow models' log-odds about each row's own mean; never zero.</summary>
    private static double Deviation(AttackedRow[] rows, Func<AttackedRow, ScoreSample> of)
    {
        double squares = 0, freedom = 0;
        foreach (var row in rows)
        {
            squares += of(row).Variance * (of(row).Rows - 1);
            freedom += of(row).Rows - 1;
        }

        return freedom > 0 && squares > 0 ? Math.Sqrt(squares / freedom) : 1e-3;
    }

    /// <summary>The ratio's rank among the non-members.</summary>
    private static double[] Rmia(AttackedRow[] rows)
    {
        var population = rows.Where(r => !r.IsMember).Select(r => r.Ratio).Order().ToArray();
        return Array.ConvertAll(rows, r =>
        {
            var at = Array.BinarySearch(population, r.Ratio);
            at = at < 0 ? ~at : at;
            while (at > 0 && population[at - 1] >= r.Ratio)
            {
                at--;
            }

            return (double)at / Math.Max(1, population.Length);
        });
    }

    private sealed record AttackedRow(bool IsMember, double Target, ScoreSample Inside, ScoreSample Outside)
    {
        /// <summary>Probability of the true label under the audited model over its mean under the shadow models, half of them with the row.</summary>
        public double Ratio => Probability(Target) / ((Probability(Inside.Mean) + Probability(Outside.Mean)) / 2);

        /// <summary>Null without the model's own confidence, or without shadow models on either side.</summary>
        public static AttackedRow? Of(CountMap map, bool member)
        {
            var target = Enumerable.Range(0, map.Length).Where(i => map.Count(i, Audited) > 0).Select(map.Key).FirstOrDefault(double.NaN);
            var (inside, outside) = (Sample(map, In), Sample(map, Out));
            return double.IsNaN(target) || inside.Rows == 0 || outside.Rows == 0 ? null : new AttackedRow(member, target, inside, outside);
        }

        private static ScoreSample Sample(CountMap map, int column)
        {
            double sum = 0, squares = 0;
            var rows = map.Total(column);
            for (var i = 0; i < map.Length; i++)
            {
                sum += map.Count(i, column) * map.Key(i);
            }

            for (var i = 0; i < map.Length; i++)
            {
                squares += map.Count(i, column) * (map.Key(i) - (sum / rows)) * (map.Key(i) - (sum / rows));
            }

            return rows == 0 ? default : new ScoreSample(rows, sum / rows, rows > 1 ? squares / (rows - 1) : 0);
        }

        private static double Probability(double logOdds) => 1 / (1 + Math.Exp(-logOdds));
    }
}
