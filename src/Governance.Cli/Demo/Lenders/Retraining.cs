using Governance.Data;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Models.Training;

namespace Governance.Cli.Demo.Lenders;

/// <summary>
/// What a developer does when a lender's own models read protected attributes, which no policy lets pass: a logistic regression trained here
/// and now on the same training data without them.
/// </summary>
internal static class Retraining
{
    public const string Name = "logistic_regression_without_protected";

    /// <summary>Null when no feature is a protected attribute, or the data has missing values, which this trainer does not take.</summary>
    public static async Task<LenderModel?> MakeAsync(Lender lender, string folder, CancellationToken cancellationToken)
    {
        var model = lender.Models[0];
        var table = model.Training.Table;
        var features = model.Features.Where(f => !IsProtected(f, lender)).ToList();
        if (features.Count == model.Features.Count || features.Exists(f => ((Float32Column)table[f]).Values.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)))
        {
            return null;
        }

        var labels = ((Float64Column)table.WithRole(ColumnRole.Label).Single()).Values;
        var trained = LogisticRegression.Fit(FeatureMatrix.Of(table, features), labels.Span);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Name + ".onnx");
        await File.WriteAllBytesAsync(path, OnnxWriter.Write(trained, Name), cancellationToken);
        return new LenderModel(Name, path, features, model.Training, Rows.Score(trained, lender.Evaluation, cancellationToken));
    }

    /// <summary>Whether a model reads a protected attribute: no pack lets it in.</summary>
    public static bool ReadsProtected(this LenderModel model, Lender lender) => model.Features.Any(f => IsProtected(f, lender));

    /// <summary>Whether a feature is a protected attribute or one of its one-hot columns.</summary>
    public static bool IsProtected(string feature, Lender lender) =>
        lender.ReferenceGroups.Keys.Any(a => feature == a || feature.StartsWith(a + "_", StringComparison.Ordinal));
}
