using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Checks.Tests.Support;
using Governance.Data;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>One reference case with the scores its training libraries stored, read by the plainest means.</summary>
internal sealed class CaseFile
{
    private static readonly Dictionary<string, CaseFile> Loaded = [];

    private readonly Dictionary<string, string[]> test;
    private readonly Dictionary<string, string[]> scores;
    private readonly string[] features;
    private readonly Lazy<Dictionary<string, string[]>> train;

    private CaseFile(string folder)
    {
        Folder = folder;
        Case = Json("case.json");
        Expected = Json("expected.json");
        test = Columns("test.csv");
        scores = Columns("scores_test.csv");
        train = new(() => Columns("train.csv"));
        features = [.. Json("features.json")["features"]!.AsArray().Select(f => (string)f!)];
    }

    public string Folder { get; }

    public JsonNode Case { get; }

    public JsonNode Expected { get; }

    public int Favourable => (int)Case["favourable_prediction"]!;

    public IReadOnlyDictionary<string, string> References =>
        Case["protected"]!.AsObject().ToDictionary(p => p.Key, p => (string)p.Value!);

    public JsonObject Models => Expected["models"]!.AsObject();

    public static CaseFile Of(string name)
    {
        lock (Loaded)
        {
            return Loaded.TryGetValue(name, out var known) ? known : Loaded[name] = new CaseFile(Path.Combine(SharedMaterial.Root, "cases", name));
        }
    }

    /// <summary>Case and model names; one row of nulls when there is no material, so that the test can say so.</summary>
    public static TheoryData<string?, string?> CasesAndModels(Func<JsonNode, string, bool>? where = null)
    {
        var data = new TheoryData<string?, string?>();
        foreach (var folder in SharedMaterial.CaseFolders())
        {
            var name = Path.GetFileName(folder);
            var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!;
            foreach (var model in expected["models"]!.AsObject().Where(m => where is null || where(expected, m.Key)))
            {
                data.Add(name, model.Key);
            }
        }

        if (data.Count == 0)
        {
            data.Add(null, null);
        }

        return data;
    }

    public static TheoryData<string?> Cases()
    {
        var data = new TheoryData<string?>();
        foreach (var folder in SharedMaterial.CaseFolders())
        {
            data.Add(Path.GetFileName(folder));
        }

        if (data.Count == 0)
        {
            data.Add((string?)null);
        }

        return data;
    }

    /// <summary>The test rows with the stored scores of one model.</summary>
    public CheckInput Scored(string model, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>? parameters = null)
    {
        var values = Array.ConvertAll(scores[model], Number);
        Assert.Equal(test["row_id"], scores["row_id"]);
        return new CheckInput
        {
            Evaluation = new DataTable([
                new Float32Column(StoredScorer.RowFeature, ColumnRole.Feature, Enumerable.Range(0, values.Length).Select(i => (float)i).ToArray()),
                new Float64Column("label", ColumnRole.Label, Array.ConvertAll(test["label"], Number)),
                .. References.Keys.Select(a => Inputs.Category(a, test[a])),
            ]),
            Model = new StoredScorer(values),
            Threshold = (double)Models[model]!["performance"]!["values"]!["threshold"]!,
            FavourablePrediction = Favourable,
            ReferenceGroups = References,
            Seed = 42,
            Parameters = parameters ?? new Dictionary<string, IReadOnlyDictionary<string, double>>(),
        };
    }

    /// <summary>The model of the case in ONNX Runtime.</summary>
    public OnnxScorer Onnx(string model)
    {
        var scan = OnnxScanner.Scan(File.ReadAllBytes(Path.Combine(Folder, (string)Case["models"]![model]!["file"]!)), OnnxLimits.Default);
        Assert.NotNull(scan.Model);
        return new OnnxScorer(scan.Model, features);
    }

    /// <summary>Training and test rows under a model, with the stored scores as reference.</summary>
    public CheckInput Modelled(string model, IScorer scorer, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>? parameters = null) => new()
    {
        Evaluation = WholeTable(test, new Float64Column("reference", ColumnRole.ReferenceScore, Array.ConvertAll(scores[model], Number))),
        Training = WholeTable(train.Value),
        Model = scorer,
        Threshold = (double)Models[model]!["performance"]!["values"]!["threshold"]!,
        FavourablePrediction = Favourable,
        ReferenceGroups = References,
        Seed = 42,
        Parameters = parameters ?? new Dictionary<string, IReadOnlyDictionary<string, double>>(),
    };

    /// <summary>Training and test features under a constant model: what checks of distributions read.</summary>
    public CheckInput Features() => new()
    {
        Evaluation = FeatureTable(test),
        Training = FeatureTable(train.Value),
        Model = new LinearScorer(features, new double[features.Length], 0),
        Threshold = 0.5,
        FavourablePrediction = Favourable,
        ReferenceGroups = References,
    };

    public Dictionary<string, string[]> Columns(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, file));
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToArray();
        return lines[0].Split(',').Select((name, c) => (name, Values: rows.Select(r => r[c]).ToArray())).ToDictionary(p => p.name, p => p.Values);
    }

    public static double Number(string text) => text.Length == 0 ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);

    private DataTable WholeTable(Dictionary<string, string[]> columns, params DataColumn[] more) => new([
        .. FeatureTable(columns).Columns,
        new Float64Column("label", ColumnRole.Label, Array.ConvertAll(columns["label"], Number)),
        .. References.Keys.Select(a => Inputs.Category(a, columns[a])).Where(a => !features.Contains(a.Name)),
        .. more,
    ]);

    private DataTable FeatureTable(Dictionary<string, string[]> columns) =>
        new([.. features.Select(f => new Float32Column(f, ColumnRole.Feature, Array.ConvertAll(columns[f], v => (float)Number(v))))]);

    private JsonNode Json(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!;
}
