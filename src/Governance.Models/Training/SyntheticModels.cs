using Governance.Data;
using Governance.Data.Synthetic;
using Governance.Models.Onnx;

namespace Governance.Models.Training;

/// <summary>A model as a developer would submit it. Immutable.</summary>
/// <param name="Onnx">The file.</param>
/// <param name="Features">Order of its input columns.</param>
/// <param name="Reference">The trained model itself, in float64: the truth for conversion parity.</param>
public sealed record TrainedModel(string Name, ReadOnlyMemory<byte> Onnx, IReadOnlyList<string> Features, IScorer Reference)
{
    /// <summary>A table with this model's own scores as the column <c>reference_score</c>.</summary>
    public DataTable WithReferenceScores(DataTable table)
    {
        var matrix = FeatureMatrix.Of(table, Features);
        var scores = new double[matrix.RowCount];
        Reference.Score(matrix.Values.Span, scores, CancellationToken.None);
        return new DataTable([.. table.Columns, new Float64Column("reference_score", ColumnRole.ReferenceScore, scores)]);
    }
}

/// <summary>The two models of the synthetic lender.</summary>
public static class SyntheticModels
{
    /// <summary>Trained on the history as recorded, with every feature: it learns the recording bias through the postcode.</summary>
    public static TrainedModel TrainBiased(SyntheticPortfolio portfolio) =>
        Train("scorecard_v1", portfolio.History, [.. portfolio.Schema.FeatureNames()]);

    /// <summary>Trained on the reviewed labels, without the proxy.</summary>
    public static TrainedModel TrainCorrected(SyntheticPortfolio portfolio) =>
        Train("scorecard_v2", portfolio.Reviewed, [.. portfolio.Schema.FeatureNames().Where(f => f != portfolio.ProxyFeature)]);

    private static TrainedModel Train(string name, DataTable data, IReadOnlyList<string> features)
    {
        var labels = (Float64Column)data.WithRole(ColumnRole.Label).Single();
        var model = LogisticRegression.Fit(FeatureMatrix.Of(data, features), labels.Values.Span);
        return new TrainedModel(name, OnnxWriter.Write(model, name), features, model);
    }
}
