using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Cli.Demo.Lenders;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Data;
using Governance.Data.Csv;

namespace Governance.Cli.Demo;

/// <summary>Registers a lender's data and submits its candidates.</summary>
internal static class Submissions
{
    public const string ReferenceScore = "reference_score";

    public static Task<DatasetDetails> AddTrainingAsync(TourContext tour, LenderModel model, CancellationToken cancellationToken) =>
        AddAsync(
            tour, tour.TrainingId(model), $"training data ({model.Training.Name})", DatasetUse.Training, tour.Lender.Schema, model.Training.Table, cancellationToken);

    /// <summary>The evaluation data with the model's reference scores, where there are any.</summary>
    public static Task<DatasetDetails> AddEvaluationAsync(TourContext tour, LenderModel model, CancellationToken cancellationToken)
    {
        var (schema, table) = model.ReferenceScores.IsEmpty
            ? (tour.Lender.Schema, tour.Lender.Evaluation)
            : (new DatasetSchema([.. tour.Lender.Schema.Columns, ColumnSchema.ReferenceScore(ReferenceScore)]),
               new DataTable([.. tour.Lender.Evaluation.Columns, new Float64Column(ReferenceScore, ColumnRole.ReferenceScore, model.ReferenceScores)]));
        return AddAsync(tour, tour.EvaluationId(model), $"evaluation data with the scores of {model.Name}", DatasetUse.Evaluation, schema, table, cancellationToken);
    }

    public static Task<VersionDetails> SubmitAsync(TourContext tour, Candidate candidate, string description, CancellationToken cancellationToken) =>
        tour.As(Personas.Developer).SubmitVersionAsync(
            tour.ModelId,
            new SubmitVersionRequest
            {
                Description = description,
                Features = candidate.Model.Features,
                TrainingDataset = tour.TrainingId(candidate.Model),
                EvaluationDataset = tour.EvaluationId(candidate.Model),
                Threshold = candidate.Threshold,
                FavourablePrediction = tour.Lender.FavourablePrediction,
                ReferenceScore = candidate.Model.ReferenceScores.IsEmpty ? null : ReferenceScore,
            },
            candidate.Model.Path,
            tour.Key(FormattableString.Invariant($"submit-{candidate.Model.Name}-{candidate.Threshold}")),
            cancellationToken);

    private static async Task<DatasetDetails> AddAsync(
        TourContext tour, string id, string name, DatasetUse use, DatasetSchema schema, DataTable table, CancellationToken cancellationToken)
    {
        var path = tour.Folder.File(Path.Combine("data", id + ".csv"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, CsvTableWriter.Write(table), cancellationToken);
        var request = new RegisterDatasetRequest
        {
            Id = id,
            Name = $"{tour.Lender.Title}: {name}",
            Use = use,
            Schema = (JsonObject)JsonSerializer.SerializeToNode(schema, GovernanceJson.Options)!,
            ReferenceGroups = tour.Lender.ReferenceGroups,
            LegalBasis = "contract",
            RetentionMonths = 60,
        };
        return await tour.As(Personas.Developer).RegisterDatasetAsync(request, path, tour.Key("dataset-" + id), cancellationToken);
    }
}
