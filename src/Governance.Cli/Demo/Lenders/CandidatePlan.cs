using Governance.Data;
using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Cli.Demo.Lenders;

/// <summary>
/// Which versions a lender submits, and in what order: first the model and cut-off that treat protected groups most unequally on the
/// evaluation data, then those a careful developer would try instead, chosen on the training data. Whether the gate agrees is its business.
/// </summary>
internal static class CandidatePlan
{
    private const double FourFifths = 0.8;

    /// <summary>Four fifths and a margin: what is just fair on one sample may not be on the next.</summary>
    private const double Comfortable = 0.85;
    private const int SmallestGroup = 30;
    private const int MostCorrections = 6;

    /// <summary>The biased first version and, best first, the corrected ones.</summary>
    public static async Task<(Candidate First, IReadOnlyList<Candidate> Corrected)> MakeAsync(Lender lender, CancellationToken cancellationToken)
    {
        var (trained, evaluated) = (new List<Candidate>(), new List<Candidate>());
        foreach (var model in lender.Models)
        {
            if (await ScoresAsync(model, lender, cancellationToken) is var (training, evaluation))
            {
                trained.AddRange(CutOffs(lender).Select(t => Judge(model, model.Training.Table, t, training, lender)));
                evaluated.AddRange(CutOffs(lender).Select(t => Judge(model, lender.Evaluation, t, evaluation, lender)));
            }
        }

        var first = First(evaluated, lender);
        var corrected = trained
            .Where(c => (c.Model, c.Threshold) != (first.Model, first.Threshold) && c.LowestRatio >= Comfortable)
            .OrderBy(c => c.Model.ReadsProtected(lender))
            .ThenBy(c => Math.Abs(c.Threshold - lender.Threshold)).ThenBy(c => Order(c, lender));
        return (first, [.. corrected.Take(MostCorrections)]);
    }

    /// <summary>The most unequal of the lender's models at its cut-off, if that is less than four fifths; else the most unequal at any.</summary>
    private static Candidate First(List<Candidate> candidates, Lender lender)
    {
        var pool = Submittable(candidates, lender);
        var usual = pool.Where(c => c.Threshold.Equals(lender.Threshold)).MinBy(c => c.LowestRatio)
            ?? throw new TourException("Expected: at least one of the lender's models can be called.");
        return usual.LowestRatio < FourFifths ? usual : pool.Where(c => c.Threshold >= Strict(lender) == (lender.FavourablePrediction == 0)).MinBy(c => c.LowestRatio)!;
    }

    /// <summary>The lender's own models where policy lets them in: none that reads a protected attribute; the retrained one where none is left.</summary>
    private static List<Candidate> Submittable(List<Candidate> candidates, Lender lender)
    {
        var own = candidates.Where(c => c.Model.Name != Retraining.Name && !c.Model.ReadsProtected(lender)).ToList();
        return own.Count > 0 ? own : candidates.Where(c => c.Model.Name == Retraining.Name).ToList() is { Count: > 0 } retrained ? retrained : candidates;
    }

    private static int Order(Candidate candidate, Lender lender) => lender.Models.ToList().IndexOf(candidate.Model);

    /// <summary>A cut-off of a business that wants few adverse outcomes to slip through: three fifths of the way to the strict end.</summary>
    private static double Strict(Lender lender) =>
        Math.Round(lender.FavourablePrediction == 0 ? lender.Threshold * 0.6 : 1 - ((1 - lender.Threshold) * 0.6), 3);

    private static IEnumerable<double> CutOffs(Lender lender)
    {
        double[] grid = [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8];
        return grid.Append(lender.Threshold).Append(Strict(lender)).Distinct().Order();
    }

    /// <summary>Scores of the training and the evaluation rows; null when the model cannot be called as a binary classifier.</summary>
    private static async Task<(double[] Training, double[] Evaluation)?> ScoresAsync(LenderModel model, Lender lender, CancellationToken cancellationToken)
    {
        var scan = await OnnxScanner.ScanFileAsync(model.Path, OnnxLimits.Default, cancellationToken);
        if (scan.Model is not { } scanned)
        {
            return null;
        }

        try
        {
            using var scorer = new OnnxScorer(scanned, model.Features);
            return (Rows.Score(scorer, model.Training.Table, cancellationToken), Rows.Score(scorer, lender.Evaluation, cancellationToken));
        }
        catch (Exception e) when (e is ModelRefusedException or ModelOutputException)
        {
            return null;
        }
    }

    private static Candidate Judge(LenderModel model, DataTable table, double threshold, double[] scores, Lender lender)
    {
        var favourable = Array.ConvertAll(scores, s => (s >= threshold ? 1 : 0) == lender.FavourablePrediction);
        var lowest = (Ratio: double.PositiveInfinity, Group: "none");
        foreach (var attribute in table.WithRole(ColumnRole.Protected).OfType<CategoryColumn>())
        {
            var rates = Rates(attribute, favourable);
            var reference = rates.FirstOrDefault(r => r.Level == lender.ReferenceGroups[attribute.Name]).Rate;
            foreach (var (level, rate, count) in rates.Where(r => r.Count >= SmallestGroup && r.Level != lender.ReferenceGroups[attribute.Name]))
            {
                var ratio = reference > 0 ? rate / reference : 0;
                lowest = ratio < lowest.Ratio ? (ratio, $"{attribute.Name}={level}") : lowest;
            }
        }

        return new Candidate(model, threshold, lowest.Ratio, lowest.Group, favourable.Count(f => f) / (double)favourable.Length);
    }

    private static List<(string Level, double Rate, int Count)> Rates(CategoryColumn attribute, bool[] favourable)
    {
        var counts = new (int Favourable, int All)[attribute.Levels.Count];
        for (var row = 0; row < favourable.Length; row++)
        {
            if (attribute.Codes.Span[row] is >= 0 and var level)
            {
                counts[level] = (counts[level].Favourable + (favourable[row] ? 1 : 0), counts[level].All + 1);
            }
        }

        return [.. counts.Select((c, i) => (attribute.Levels[i], c.All == 0 ? 0 : (double)c.Favourable / c.All, c.All))];
    }
}
