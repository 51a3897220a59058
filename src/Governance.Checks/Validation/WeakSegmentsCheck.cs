using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Validation;

/// <summary>Is there a part of the population the model serves clearly worse than the rest?</summary>
public sealed class WeakSegmentsCheck : TallyCheck
{
    private const int MaxSegments = 8;
    private static readonly CheckParameter Segments = CheckParameter.Whole("segments", "Segments a numeric feature is cut into, at quantiles; features with no more values get one segment each.", 4, 2, MaxSegments - 1);
    private static readonly CheckParameter MinClass = CheckParameter.Whole("min_class_rows", "Fewest rows of each outcome a segment needs, and the rest likewise.", 30, 2, 100_000);
    private static readonly CheckParameter Limit = SampledRows.Limit with { Default = 20_000 };

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.weak_segments",
        Version = "1",
        Family = CheckFamily.Validation,
        Title = "Weak segments",
        Purpose = "Does a good overall figure hide a segment, such as applicants with missing income or very young firms, where the model hardly works?",
        Method = "Each feature cuts the rows into segments: one per value when there are few, else at quantiles of the sampled rows, and one for missing values. The AUC within a segment is compared with the AUC that its own scores promise, were they "
            + "probabilities (all scores recalibrated once, on all rows): the model-based concordance, which allows for a segment being narrow. Test: z with DeLong's variance, Holm over all segments; accuracy at the threshold is compared with the rest "
            + "(chi-squared, Yates), a second family. A segment is weak when it falls short of its promise with an adjusted p-value below 0.05.",
        SignsOfHighRisk = "A weak segment with much exposure; several weak segments that are the same people; a segment of missing values that is weak, which says that imputation or routing fails.",
        Strengths = "Looks everywhere and pays for having looked: what it names is unlikely to be chance. A segment is not called weak for being homogeneous, as a comparison of raw AUCs would.",
        Limits = "One feature at a time: weakness in a combination is not found. Small segments have little power. The promise is taken as known, though it rests on the recalibration of the same rows.",
        Sources = ["van Klaveren et al. (2016), Statistics in Medicine 35", "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44", "Holm (1979), Scandinavian Journal of Statistics 6"],
        Parameters = [Segments, MinClass, Limit, CheckParameters.Confidence],
        Measures =
        [
            new("segment_auc_difference", "AUC of a segment less what its scores promise", -1, 1),
            new("segment_accuracy_difference", "accuracy of a segment less that of the other rows", -1, 1),
            new("weak_segments", "segments that rank significantly worse than promised, after adjustment", 0),
            new("min_segment_auc", "lowest AUC of a segment", 0, 1),
        ],
        Tables = [new("segments", ["segment", "count", "auc", "auc_promised", "adjusted_p_value", "accuracy", "accuracy_rest"])],
        Thresholds =
        [
            new("weak_segments", LimitKind.AtMost, [0], "House."),
        ],
    };

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var positions = sample.PositionsIn(rows).ToArray();
        var scores = context.Input.EvaluationScoresOf(rows).Span;
        var outcome = Outcomes.Of(context.Input.Evaluation);
        foreach (var (segmentation, f) in Segmentations(context, sample).Select((s, f) => (s, f)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var position in positions)
            {
                var row = sample[position];
                tally.Map((f * MaxSegments) + segmentation.Of(row), Outcomes.Width).Add(scores[row - rows.Start], outcome(row));
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var minimum = context.Parameters.Whole(MinClass.Name);
        var candidates = Segmentations(context, sample).SelectMany((s, f) => SegmentsOf(s, f, tally)).Where(s => s.Inside.Total > 0).ToArray();
        var recalibration = candidates.Length == 0 ? null : LogisticRecalibration.Fit(AllRows(tally));
        var tested = candidates.Where(s => s.Smallest >= minimum).Select(s => s.Compare(context.Input.Threshold, recalibration)).ToArray();
        var adjustedAuc = Multiplicity.Holm([.. tested.Select(t => t.AucP)]);
        var adjustedAccuracy = Multiplicity.Holm([.. tested.Select(t => t.AccuracyP)]);

        var figures = new Figures();
        for (var i = 0; i < tested.Length; i++)
        {
            var t = tested[i];
            figures.Add("segment_auc_difference", t.AucDifference, t.Segment.Name,
                t.Error > 0 ? Interval.Around(t.AucDifference, t.Error, context.Confidence, "DeLong", -1, 1) : null, t.Segment.Inside.Total,
                t.AucP, adjustedAuc[i], $"z against the promised AUC, Holm over {tested.Length} segments");
            var (inside, outside) = (t.Inside, t.Outside);
            figures.Add("segment_accuracy_difference", inside.Accuracy - outside.Accuracy, t.Segment.Name,
                Proportion.Newcombe(inside.TruePositives + inside.TrueNegatives, inside.Total, outside.TruePositives + outside.TrueNegatives, outside.Total, context.Confidence), inside.Total,
                t.AccuracyP, adjustedAccuracy[i], $"chi-squared (Yates), Holm over {tested.Length} segments");
        }

        foreach (var segment in candidates.Where(s => s.Smallest < minimum))
        {
            figures.Insufficient("segment_auc_difference", $"An outcome has {segment.Smallest} rows in the segment or the rest; {minimum} are needed.", segment.Name, segment.Inside.Total);
        }

        var weak = tested.Where((t, i) => t.AucDifference < 0 && adjustedAuc[i] < 0.05).OrderBy(t => t.AucDifference).ToArray();
        figures.Add("weak_segments", weak.Length, count: tested.Length, note: $"Of {tested.Length} segments tested.");
        if (tested.Length > 0)
        {
            var worst = tested.MinBy(t => t.InsideAuc)!;
            figures.Add("min_segment_auc", worst.InsideAuc, interval: Ranking.Auc(worst.Segment.Inside).Interval(context.Confidence), count: worst.Segment.Inside.Total, note: worst.Segment.Name + ".");
        }
        else
        {
            figures.Insufficient("min_segment_auc", "No segment has enough rows of both outcomes.");
        }

        return new Finding(
            weak.Length == 0
                ? $"None of {tested.Length} segments ranks significantly worse than its scores promise."
                : $"{weak.Length} of {tested.Length} segments rank significantly worse than their scores promise; the worst is {weak[0].Segment.Name} with AUC {Figures.Text(weak[0].InsideAuc)} against {Figures.Text(weak[0].PromisedAuc)}.",
            figures.All)
        {
            Tables = [SegmentTable(tested, adjustedAuc)],
            Limitations = sample.Limitation is { } limitation ? [limitation] : [],
        };
    }

    private static IEnumerable<Segmentation> Segmentations(CheckContext context, SampledRows sample) =>
        context.Input.Model.Features.Select(f => Segmentation.Of(context.Input.Evaluation, f, sample, context.Parameters.Whole(Segments.Name)));

    /// <summary>All rows: the segments of any one feature together.</summary>
    private static ScoreCounts AllRows(Tally tally) =>
        ScoreCounts.Of(CountMap.Merge([.. Enumerable.Range(0, MaxSegments).Select(s => tally.Map(s, Outcomes.Width))]), "", []);

    private static IEnumerable<Segment> SegmentsOf(Segmentation segmentation, int feature, Tally tally)
    {
        var maps = Enumerable.Range(0, MaxSegments).Select(s => tally.Map((feature * MaxSegments) + s, Outcomes.Width)).ToArray();
        for (var s = 0; s < MaxSegments; s++)
        {
            if (maps[s].Length > 0)
            {
                var rest = CountMap.Merge([CountMap.Empty(Outcomes.Width), .. maps.Where((_, o) => o != s)]);
                yield return new Segment(segmentation.Name(s), ScoreCounts.Of(maps[s], "", []), ScoreCounts.Of(rest, "", []));
            }
        }
    }

    private sealed record Segment(string Name, ScoreCounts Inside, ScoreCounts Outside)
    {
        public long Smallest => new[] { Inside.TotalNegatives, Inside.TotalPositives, Outside.TotalNegatives, Outside.TotalPositives }.Min();

        public Comparison Compare(double threshold, LogisticRecalibration? recalibration)
        {
            var auc = Ranking.Auc(Inside);
            var promised = Ranking.ModelBasedAuc(Inside, recalibration is null ? s => s : recalibration.Apply);
            return new Comparison(this, auc.Value, promised, Math.Sqrt(auc.Variance), Confusion.Of(Inside, threshold), Confusion.Of(Outside, threshold));
        }
    }

    private sealed record Comparison(Segment Segment, double InsideAuc, double PromisedAuc, double Error, Confusion Inside, Confusion Outside)
    {
        public double AucDifference => InsideAuc - PromisedAuc;

        public double AucP => Error > 0 ? Tail.TwoSidedNormal(AucDifference / Error) : 1;

        public double AccuracyP => new FourfoldTable(
            Inside.TruePositives + Inside.TrueNegatives, Inside.FalsePositives + Inside.FalseNegatives,
            Outside.TruePositives + Outside.TrueNegatives, Outside.FalsePositives + Outside.FalseNegatives).ChiSquaredPValue(yates: true);
    }

    /// <summary>How one feature cuts the rows. The last segment is that of missing values.</summary>
    private sealed record Segmentation(string Feature, ReadOnlyMemory<float> Values, float[] UpperEdges)
    {
        private const int Missing = MaxSegments - 1;

        public int Of(int row)
        {
            var value = Values.Span[row];
            var at = Array.BinarySearch(UpperEdges, value);
            return float.IsNaN(value) ? Missing : at < 0 ? ~at : at;
        }

        public string Name(int segment) => $"{Feature}: " + (
            segment == Missing ? "missing"
            : UpperEdges.Length == 0 ? "all"
            : segment == 0 ? $"up to {Text(UpperEdges[0])}"
            : segment == UpperEdges.Length ? $"above {Text(UpperEdges[^1])}"
            : $"above {Text(UpperEdges[segment - 1])} to {Text(UpperEdges[segment])}");

        /// <summary>Right-closed segments whose upper edges are quantiles of the sampled rows, or all values but the largest.</summary>
        public static Segmentation Of(DataTable table, string feature, SampledRows sample, int segments)
        {
            var values = ((Float32Column)table[feature]).Values;
            var sorted = sample.Rows.Select(r => values.Span[r]).Where(v => !float.IsNaN(v)).Order().ToArray();
            var distinct = sorted.Distinct().Take(segments + 1).ToArray();
            var edges = distinct.Length <= segments
                ? distinct.SkipLast(1)
                : Enumerable.Range(1, segments - 1).Select(q => sorted[(int)((long)q * sorted.Length / segments) - 1]).Where(e => e < sorted[^1]).Distinct();
            return new Segmentation(feature, values, [.. edges]);
        }

        private static string Text(float value) => value.ToString("G6", CultureInfo.InvariantCulture);
    }

    private static Table SegmentTable(Comparison[] tested, double[] adjusted) => new("segments", "Segments, weakest first",
        [
            new("segment", "Segment", "text"), new("count", "Rows", "integer"), new("auc", "AUC"), new("auc_promised", "AUC promised"), new("adjusted_p_value", "p, adjusted", "pvalue"),
            new("accuracy", "Accuracy", "percent"), new("accuracy_rest", "Accuracy of the rest", "percent"),
        ],
        [.. tested.Zip(adjusted).OrderBy(t => t.First.AucDifference).ThenBy(t => t.First.Segment.Name, StringComparer.Ordinal).Select(t => (IReadOnlyList<Cell>)
            [
                t.First.Segment.Name, (double)t.First.Segment.Inside.Total, t.First.InsideAuc, t.First.PromisedAuc, t.Second, t.First.Inside.Accuracy, t.First.Outside.Accuracy,
            ])]);
}
