using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Data;
using Governance.Data.Cases;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Testing;

namespace Governance.Benchmarks.Serving;

/// <summary>A route that gives reasons on request: the XGBoost model of the case of Taiwanese card holders, and one of them who is decided adversely.</summary>
internal sealed class ReasonsCase
{
    public const string Route = "credit-reasons";
    private readonly string input;
    private readonly float[] row;

    private ReasonsCase(string input, float[] row) => (this.input, this.row) = (input, row);

    /// <summary>Adds the route to a data folder that is prepared; null where the case is not there.</summary>
    public static async Task<ReasonsCase?> PrepareAsync(string dataFolder)
    {
        var folder = Path.Combine(SharedMaterial.Root, "cases", "taiwan_default");
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var material = await ReferenceCase.LoadAsync(folder, CancellationToken.None);
        var model = material.Models.First(m => m.Name.Contains("xgboost", StringComparison.Ordinal));
        var artifacts = ServingCase.Artifacts(dataFolder);
        var content = await File.ReadAllBytesAsync(model.Path);
        var (artifact, schema) = (await artifacts.PutAsync(content, CancellationToken.None), await artifacts.PutAsync(GovernanceJson.Serialize(material.Schema), CancellationToken.None));
        DatasetRegistration Dataset(string id, DatasetUse use, Digest file, DataTable table) => new()
        {
            Id = id, Name = "Card holders", Use = use, Digest = file, SchemaDigest = schema, Rows = table.RowCount, Features = material.Features, Label = "default",
            Protected = new Dictionary<string, string>(StringComparer.Ordinal), LegalBasis = "contract", RetentionMonths = 12,
        };
        var train = Dataset("taiwan-train", DatasetUse.Training, await artifacts.PutAsync(await File.ReadAllBytesAsync(material.TrainPath), CancellationToken.None), material.Train);
        var test = Dataset("taiwan-test", DatasetUse.Evaluation, await artifacts.PutAsync(await File.ReadAllBytesAsync(material.TestPath), CancellationToken.None), material.Test);
        await ServingCase.AppendAsync(dataFolder, [
            ("dataset/" + train.Id, [new DatasetRegistered(train)]),
            ("dataset/" + test.Id, [new DatasetRegistered(test)]),
            ("model/" + Route, [
                new ModelRegistered(new ModelRegistration { Id = Route, Name = "Cards", Use = "Decides applications", Tier = Tier.One, Owner = "olivia", Developers = ["dana"], Jurisdictions = ["EU"], Automation = Automation.Sole }),
                new VersionSubmitted(Route, new VersionSubmission
                {
                    Number = 1, Artifact = artifact, Description = "XGBoost", Features = material.Features, TrainingDataset = train.Id, EvaluationDataset = test.Id,
                    Threshold = material.Threshold, FavourablePrediction = material.FavourablePrediction,
                }),
                new VersionPromoted(Route, 1, Route, PromotionTarget.Champion, null, artifact),
                new RouteConfigured(Route, new RouteSettings { Reasons = new ReasonRule(ReasonsWhen.OnRequest) }),
            ]),
        ]);
        using OnnxScorer scorer = new(OnnxScanner.Scan(content, OnnxLimits.Default).Model!, material.Features);
        return new ReasonsCase(scorer.Signature.Input, Adverse(material, scorer));
    }

    public byte[] Request(string token, bool reasons) => ServingCase.Request(
        $"/v2/models/{Route}/infer", token, input, row, rows: 1, isBinary: false, reasons ? ",\"reasons\":true" : "");

    private static float[] Adverse(ReferenceCase material, OnnxScorer scorer)
    {
        var (matrix, score) = (FeatureMatrix.Of(material.Test, material.Features), new double[1]);
        for (var at = 0; at < matrix.RowCount; at++)
        {
            var values = matrix.Values.Span.Slice(at * material.Features.Count, material.Features.Count).ToArray();
            scorer.Score(values, score, CancellationToken.None);
            if ((score[0] >= material.Threshold ? 1 : 0) != material.FavourablePrediction)
            {
                return values;
            }
        }

        throw new InvalidOperationException("Nobody in the case is decided adversely.");
    }
}
