using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Models;

namespace Governance.Checks.Robustness;

/// <summary>How little must an applicant misstate to get the favourable decision?</summary>
public sealed class EvasionCheck : TallyCheck
{
    private const int Costs = 0;
    private const int Changes = 1;
    private const int StreamId = 0x45564144;

    private static readonly CheckParameter Budget = new("budget", "Largest change that counts as evasion: Euclidean length in standard deviations.", 1, 0.01, 100);
    private static readonly CheckParameter Probes = CheckParameter.Whole("probes", "Random directions per estimate of the boundary's slope.", 30, 4, 1000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "robustness.evasion",
        Version = "1",
        Family = CheckFamily.Robustness,
        Title = "Constrained evasion",
        Purpose = "Could somebody who only sees decisions, and can change only what a person can change, get the favourable decision by a small misstatement?",
        Method = "For each sampled row that is decided unfavourably: the nearest favourably decided row lends it its movable features; bisection finds the boundary between them; then, in turn, features are moved back as far as the decision allows and the slope of the boundary is "
            + "estimated from decisions at random probes (HopSkipJump). Cost = Euclidean length of the change in standard deviations. Fixed features stay, one-directional ones move that way only, flags stay. Share of rows evaded within the budget with Clopper-Pearson's interval; median cost; features changed.",
        SignsOfHighRisk = "Many decisions that turn at less than half a standard deviation, most of all by one or two features that nobody verifies.",
        Strengths = "Needs nothing but decisions, as an applicant has; whatever it finds is a real change with a real cost, so the share is a floor of what is possible.",
        Limits = "A search, not a proof: a cheaper change may exist (see the certified radius). Whether a change is plausible together with the features that stay is not asked. The interval covers the sample of rows, not the search.",
        Sources = ["Chen, Jordan and Wainwright (2020), HopSkipJumpAttack, IEEE S&P", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [Budget, Probes, SampledRows.Limit with { Default = 100, Minimum = 1 }, CheckParameters.Confidence],
        Measures =
        [
            new("evasion_rate", "share of unfavourable decisions that turn within the budget", 0, 1),
            new("median_cost", "median cost of turning one, in standard deviations", 0),
            new("median_features_changed", "median number of features changed", 0),
        ],
    };

    protected override bool ReadsFeatureRules => true;

    protected override bool IsSeeded => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        int[] positions = [.. sample.PositionsIn(rows)];
        if (positions.Length == 0)
        {
            return;
        }

        var attack = new Attack(context, Mutability.Reaches(context, sample), Donors(context, sample, cancellationToken), cancellationToken);
        var width = context.Input.Model.Features.Count;
        var values = FeatureRows.Gather(context.Input.Evaluation, context.Input.Model.Features, Array.ConvertAll(positions, p => sample[p]));
        for (var i = 0; i < positions.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = values.AsSpan(i * width, width).ToArray();
            if (attack.Decides(row) is false)
            {
                var found = attack.Run(row, sample[positions[i]]);
                tally.Map(Costs, 1).Add(found.Cost, 0);
                tally.Map(Changes, 1).Add(found.Changed, 0, double.IsFinite(found.Cost) ? 1 : 0);
            }
        }
    }

    /// <summary>Rows of the sample that are decided favourably, at most 200 of them.</summary>
    private static float[][] Donors(CheckContext context, SampledRows sample, CancellationToken cancellationToken)
    {
        const int Most = 200;
        var count = Math.Min(Most, sample.Count);
        var width = context.Input.Model.Features.Count;
        var values = FeatureRows.Gather(context.Input.Evaluation, context.Input.Model.Features, Enumerable.Range(0, count).Select(i => sample[(int)((long)i * sample.Count / count)]));
        return [.. Enumerable.Range(0, count).Select(i => values.AsSpan(i * width, width).ToArray()).Where(r => Decision(context.Input, r, cancellationToken) is true)];
    }

    private static bool? Decision(CheckInput input, float[] row, CancellationToken cancellationToken)
    {
        var score = Scoring.OrNaN(input.Model, row, cancellationToken);
        return double.IsNaN(score) ? null : (score >= input.Threshold ? 1 : 0) == input.FavourablePrediction;
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var map = tally.Map(Costs, 1);
        var (rows, budget) = (map.Total(), context.Parameters[Budget.Name]);
        var figures = new Figures();
        if (rows == 0)
        {
            foreach (var name in new[] { "evasion_rate", "median_cost", "median_features_changed" })
            {
                figures.Insufficient(name, "No sampled row is decided unfavourably.", count: 0);
            }

            return new Finding("No sampled row is decided unfavourably, so there is nothing to evade.", figures.All);
        }

        var evaded = Enumerable.Range(0, map.Length).Where(i => map.Key(i) <= budget).Sum(i => map.Count(i, 0));
        var rate = figures.Add("evasion_rate", (double)evaded / rows, interval: Proportion.ClopperPearson(evaded, rows, context.Confidence), count: rows,
            note: string.Create(CultureInfo.InvariantCulture, $"Within {budget} standard deviations."));
        var cost = figures.Add("median_cost", Median(map), count: rows, note: double.IsFinite(Median(map)) ? "In standard deviations, over all attacked rows." : "For half of the rows no change was found.");
        figures.Add("median_features_changed", Median(tally.Map(Changes, 1)), count: tally.Map(Changes, 1).Total(), note: tally.Map(Changes, 1).Total() > 0 ? "Over the rows for which a change was found." : "No change was found for any row.");
        return new Finding($"{Figures.Text(rate)} of {rows} unfavourable decisions turn within the budget; the median cost is {Figures.Text(cost.Value)} standard deviations.", figures.All)
        {
            Limitations = [Mutability.Limitation(context, Mutability.Reaches(context, new SampledRows(context))), .. new SampledRows(context).Limitation is { } sampled ? new[] { sampled } : []],
        };
    }

    private static double Median(CountMap map)
    {
        var (seen, rows) = (0L, map.Total());
        for (var i = 0; i < map.Length; i++)
        {
            seen += map.Count(i, 0);
            if (2 * seen >= rows)
            {
                return map.Key(i);
            }
        }

        return double.NaN;
    }

    /// <summary>The search for one model. Not thread-safe.</summary>
    private sealed class Attack(CheckContext context, Reach[] reaches, float[][] donors, CancellationToken cancellationToken)
    {
        private const int Bisections = 12;
        private const int Rounds = 3;
        private readonly double[] unit = [.. reaches.Select(r => Math.Max(r.Down, r.Up))];

        public bool? Decides(float[] row) => Decision(context.Input, row, cancellationToken);

        public (double Cost, int Changed) Run(float[] origin, int row)
        {
            var start = donors.Select(d => Allowed(origin, d)).Select(d => (Row: d, Cost: Cost(origin, d))).Where(d => d.Cost > 0).OrderBy(d => d.Cost).Take(20).FirstOrDefault(d => Decides(d.Row) is true).Row;
            if (start is null)
            {
                return (double.PositiveInfinity, 0);
            }

            var best = Reduce(origin, Bisect(origin, start));
            for (var round = 0; round < Rounds; round++)
            {
                var moved = Bisect(origin, Along(origin, best, SplitMix64.For(context.Input.Seed ^ StreamId, row, round)));
                moved = Reduce(origin, moved);
                best = Cost(origin, moved) < Cost(origin, best) ? moved : best;
            }

            return (Cost(origin, best), Enumerable.Range(0, origin.Length).Count(f => !best[f].Equals(origin[f])));
        }

        /// <summary>The nearest point on the way from the origin that is still favourable.</summary>
        private float[] Bisect(float[] origin, float[] favourable)
        {
            double low = 0, high = 1;
            var best = favourable;
            for (var i = 0; i < Bisections; i++)
            {
                var middle = (low + high) / 2;
                var candidate = origin.Select((x, f) => unit[f] > 0 ? (float)(x + (middle * ((double)favourable[f] - x))) : x).ToArray();
                (low, high, best) = Decides(candidate) is true ? (low, middle, candidate) : (middle, high, best);
            }

            return best;
        }

        /// <summary>Moves each feature back towards the origin as far as the decision allows, the dearest first.</summary>
        private float[] Reduce(float[] origin, float[] favourable)
        {
            var current = (float[])favourable.Clone();
            foreach (var f in Enumerable.Range(0, origin.Length).Where(f => unit[f] > 0 && !current[f].Equals(origin[f])).OrderByDescending(f => Math.Abs(current[f] - origin[f]) / unit[f]).ThenBy(f => f))
            {
                float keep = current[f];
                double low = 0, high = 1;
                for (var i = 0; i < Bisections / 2; i++)
                {
                    var share = i == 0 ? 0 : (low + high) / 2;
                    current[f] = (float)(origin[f] + (share * ((double)favourable[f] - origin[f])));
                    if (Decides(current) is true)
                    {
                        (high, keep) = (share, current[f]);
                        if (i == 0)
                        {
                            break;
                        }
                    }
                    else
                    {
                        low = share;
                    }
                }

                current[f] = keep;
            }

            return current;
        }

        /// <summary>A favourable point a step along the estimated slope of the boundary; the point itself when no step is favourable.</summary>
        private float[] Along(float[] origin, float[] boundary, SplitMix64 random)
        {
            var cost = Cost(origin, boundary);
            var probes = context.Parameters.Whole(Probes.Name);
            var slope = new double[origin.Length];
            for (var p = 0; p < probes; p++)
            {
                var direction = unit.Select(u => u > 0 ? random.NextNormal() : 0).ToArray();
                var sign = Decides(Step(origin, boundary, direction, cost / 10)) is true ? 1 : -1;
                for (var f = 0; f < slope.Length; f++)
                {
                    slope[f] += sign * direction[f];
                }
            }

            var length = Math.Sqrt(slope.Sum(s => s * s));
            for (var step = cost; length > 0 && step > cost / 100; step /= 2)
            {
                var candidate = Step(origin, boundary, [.. slope.Select(s => s / length)], step);
                if (Decides(candidate) is true)
                {
                    return candidate;
                }
            }

            return boundary;
        }

        private float[] Step(float[] origin, float[] from, double[] direction, double length) =>
            Allowed(origin, [.. from.Select((x, f) => (float)(x + (length * direction[f] * unit[f])))]);

        /// <summary>The wanted values where they may be had.</summary>
        private float[] Allowed(float[] origin, float[] wanted) => [.. origin.Select((x, f) =>
            unit[f] <= 0 || !float.IsFinite(x) || !float.IsFinite(wanted[f]) ? x
            : reaches[f].Down <= 0 ? Math.Max(x, wanted[f])
            : reaches[f].Up <= 0 ? Math.Min(x, wanted[f])
            : wanted[f])];

        private double Cost(float[] origin, float[] changed) => Math.Sqrt(origin.Select((x, f) => unit[f] > 0 && float.IsFinite(x) ? Math.Pow((changed[f] - (double)x) / unit[f], 2) : 0).Sum());
    }
}
