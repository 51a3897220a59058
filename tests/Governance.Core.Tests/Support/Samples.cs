using System.Text.Json.Nodes;
using Governance.Core.Commands;
using Governance.Core.Evidence;
using Governance.Core.Inventory;

namespace Governance.Core.Tests.Support;

/// <summary>Small valid things, to be spoiled by tests.</summary>
internal static class Samples
{
    public const string ModelId = "credit";

    public static Digest D(string text) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));

    public static ModelRegistration Model(string id = ModelId) => new()
    {
        Id = id,
        Name = "Credit score",
        Use = "Consumer credit",
        Tier = Tier.One,
        Owner = "olivia",
        Developers = [],
        Jurisdictions = ["EU"],
        Automation = Automation.Sole,
    };

    /// <summary>Evaluation data of ten rows a file.</summary>
    public static DatasetRegistration InParts(string id, IReadOnlyList<Digest> files, DatasetOrigin? origin)
    {
        DatasetPart[] parts = [.. files.Select(f => new DatasetPart(f, 10))];
        return Dataset(DatasetUse.Evaluation, id) with { Parts = parts, Rows = 10 * parts.Length, Digest = Digest.Of(DatasetRegistration.ManifestOf(parts)), Origin = origin };
    }

    public static DatasetRegistration Dataset(DatasetUse use, string? id = null) => new()
    {
        Id = id ?? use.ToString().ToLowerInvariant(),
        Name = "Applications",
        Use = use,
        Digest = D("data " + use),
        SchemaDigest = D("schema"),
        Rows = 100,
        Features = ["income", "debt"],
        Label = "defaulted",
        Protected = new Dictionary<string, string> { ["sex"] = "male" },
        SubjectId = "id",
        LegalBasis = "contract",
        RetentionMonths = 36,
    };

    public static SubmitVersion Submission(string file = "model 1", string modelId = ModelId) =>
        new(modelId, D(file), "First", ["income", "debt"], "training", "evaluation", 0.5, 0);

    public static CheckResult Result() => new()
    {
        Check = "validation.discrimination",
        CheckVersion = "1",
        Family = CheckFamily.Validation,
        Summary = "AUC 0.80.",
        Parameters = new JsonObject { ["level"] = 0.95 },
        Seed = 7,
        Rows = 100,
        Measures = [new Measure { Name = "auc", Value = 0.8, Lower = 0.7, Upper = 0.9, Level = 0.95, Interval = "DeLong", Count = 100 }],
        Tables = [new Table("roc", "ROC", [new Column("x", "X"), new Column("word", "Word", "text")], [[0.1, "a"], [(double?)null, "b"]])],
    };
}
