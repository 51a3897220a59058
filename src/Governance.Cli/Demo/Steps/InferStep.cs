using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Cli.Demo.Lenders;
using Governance.Client.Contracts;
using Governance.Data;

namespace Governance.Cli.Demo.Steps;

/// <summary>A bank application asks for a decision; everybody and everything else is refused.</summary>
internal sealed class InferStep : ITourStep
{
    /// <summary>Float32 rounding between two runtimes.</summary>
    private const double ScoreTolerance = 2e-6;

    private const int Applications = 12;

    public string Title => "A bank application asks for a decision";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var features = tour.Lender.Models.Single(m => m.Name == tour.Facts.GoodModel).Features;
        var rows = Enumerable.Range(0, tour.Lender.Evaluation.RowCount)
            .Where(r => Array.TrueForAll(Rows.Features(tour.Lender.Evaluation, r, features), float.IsFinite)).Take(Applications).ToList();
        var row = rows[0];
        var subject = Subject(tour, row);
        var bank = tour.As(Personas.Application);
        var input = (await bank.GetRouteAsync(tour.ModelId, cancellationToken)).Inputs[0].Name;
        var request = Request(input, subject, Rows.Features(tour.Lender.Evaluation, row, features));

        var answer = await bank.InferAsync(tour.ModelId, null, request, cancellationToken);
        var score = answer.Outputs.Single(o => o.Name == "score").Data[0].GetDouble();
        var decision = answer.Outputs.Single(o => o.Name == "decision").Data[0].GetString();
        var index = answer.Parameters["audit_index"]!.GetValue<long>();
        var receipt = answer.Parameters["receipt"]![0]!.GetValue<string>();
        foreach (var other in rows.Skip(1))
        {
            await bank.InferAsync(tour.ModelId, null, Request(input, Subject(tour, other), Rows.Features(tour.Lender.Evaluation, other, features)), cancellationToken);
        }

        tour.Say($"loans-app asks for one application: score {score:0.0000}, decision {decision}, by version {answer.ModelVersion}; recorded as entry {index} before the answer left, receipt {receipt[..16]}... {rows.Count - 1} more applications follow.");
        CheckScore(tour, row, score, decision!);

        var biased = await TourContext.RefusedAsync("an application asks for a version that is not promoted", 409, [],
            () => bank.InferAsync(tour.ModelId, tour.Facts.BiasedVersion, request, cancellationToken));
        var unknown = await TourContext.RefusedAsync("an application asks for a route that does not exist", 404, [],
            () => bank.InferAsync("no-such-model", null, request, cancellationToken));
        var role = await TourContext.RefusedAsync("a developer asks for a decision", 403, [],
            () => tour.As(Personas.Developer).InferAsync(tour.ModelId, null, request, cancellationToken));
        var token = await TourContext.RefusedAsync("somebody without a token asks for a decision", 401, [],
            () => tour.Anonymous.InferAsync(tour.ModelId, null, request, cancellationToken));
        tour.Say($"Refused: version {tour.Facts.BiasedVersion}, not promoted ({biased.Status} {biased.Code}); an unknown route ({unknown.Status} {unknown.Code}); a developer ({role.Status} {role.Code}); no token ({token.Status} {token.Code}).");
        tour.Remember(facts => facts with { Row = row, Subject = subject, DecisionIndex = index, Receipt = receipt });
        tour.Prove($"Only an application with the client role gets an answer, only from the promoted version, and every answer is on disk before it is given.");
    }

    public static InferRequest Request(string input, string subject, float[] features) => new()
    {
        Id = "tour-" + Guid.CreateVersion7().ToString("N"),
        Parameters = new JsonObject { ["subject_id"] = subject },
        Inputs = [new InferTensor(input, [1, features.Length], "FP32", JsonSerializer.SerializeToElement(features))],
    };

    /// <summary>The answer is the training library's score where that is known, and the decision follows from the cut-off.</summary>
    private static void CheckScore(TourContext tour, int row, double score, string decision)
    {
        var model = tour.Lender.Models.Single(m => m.Name == tour.Facts.GoodModel);
        if (!model.ReferenceScores.IsEmpty)
        {
            var reference = model.ReferenceScores.Span[row];
            TourContext.Require(Math.Abs(reference - score) <= ScoreTolerance, string.Create(CultureInfo.InvariantCulture, $"the score is the training library's {reference}, not {score}"));
            tour.Say($"The training library's own score for this row is {reference:0.000000}: the difference is {Math.Abs(reference - score):0.0e+0}.");
        }

        var favourable = (score >= tour.Facts.GoodThreshold ? 1 : 0) == tour.Lender.FavourablePrediction;
        TourContext.Require(decision == (favourable ? "favourable" : "adverse"), "the decision follows from score and cut-off");
    }

    /// <summary>A customer of this run: what is forgotten in one tour must not be missing in the next.</summary>
    private static string Subject(TourContext tour, int row) => $"customer-{tour.Facts.RunId}-{Id(tour.Lender, row)}";

    private static string Id(Lender lender, int row) =>
        lender.Evaluation.WithRole(ColumnRole.SubjectId).OfType<TextColumn>().FirstOrDefault()?.Values[row] ?? row.ToString(CultureInfo.InvariantCulture);
}
