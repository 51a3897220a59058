using Governance.Data;
using Governance.Data.Synthetic;
using Governance.Models.Training;

namespace Governance.Cli.Demo.Lenders;

/// <summary>The lender the project makes itself: a seeded portfolio with a known bias, and two models trained on it here and now.</summary>
internal static class SyntheticLenderSource
{
    private const ulong Seed = 20260101;

    /// <param name="folder">Where the models' files go.</param>
    public static async Task<Lender> MakeAsync(string folder, CancellationToken cancellationToken)
    {
        var portfolio = SyntheticLender.Generate(Seed);
        Directory.CreateDirectory(folder);
        return new Lender
        {
            Id = "synthetic",
            Title = "Consumer credit scorecard (synthetic lender)",
            Use = "Decides consumer-credit applications of a lender that does not exist",
            Story = portfolio.Description,
            Evaluation = portfolio.Evaluation,
            Schema = portfolio.Schema,
            ReferenceGroups = portfolio.ReferenceGroups,
            FavourablePrediction = portfolio.FavourablePrediction,
            Threshold = portfolio.Threshold,
            Models =
            [
                await WriteAsync(SyntheticModels.TrainBiased(portfolio), new TrainingData("history", portfolio.History)),
                await WriteAsync(SyntheticModels.TrainCorrected(portfolio), new TrainingData("reviewed", portfolio.Reviewed)),
            ],
        };

        async Task<LenderModel> WriteAsync(TrainedModel model, TrainingData training)
        {
            var path = Path.Combine(folder, model.Name + ".onnx");
            await File.WriteAllBytesAsync(path, model.Onnx, cancellationToken);
            return new LenderModel(model.Name, path, model.Features, training, Rows.Score(model.Reference, portfolio.Evaluation, cancellationToken));
        }
    }
}
