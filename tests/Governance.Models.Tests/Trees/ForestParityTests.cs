using Google.Protobuf;
using Governance.Data;
using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;
using Governance.Models.Structure;
using Governance.Models.Tests.Onnx;
using Governance.Models.Trees;
using Microsoft.ML.OnnxRuntime;

namespace Governance.Models.Tests.Trees;

/// <summary>Forests of several outputs and pipelines, against ONNX Runtime.</summary>
public sealed class ForestParityTests
{
    private const int Rows = 40;
    private static readonly string[] Features = ["a", "b", "c"];

    public static TheoryData<string, int, string, string, bool> Shapes => new()
    {
        { "TreeEnsembleClassifier", 3, "NONE", "", false }, { "TreeEnsembleClassifier", 3, "SOFTMAX", "", true }, { "TreeEnsembleClassifier", 4, "LOGISTIC", "", true },
        { "TreeEnsembleClassifier", 2, "NONE", "", false }, { "TreeEnsembleClassifier", 2, "SOFTMAX", "", false },
        { "TreeEnsembleRegressor", 1, "NONE", "SUM", true }, { "TreeEnsembleRegressor", 1, "NONE", "AVERAGE", true }, { "TreeEnsembleRegressor", 3, "NONE", "SUM", true }, { "TreeEnsembleRegressor", 3, "NONE", "AVERAGE", false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Evaluate_SeveralOutputs_AgreeWithRuntime(string type, int outputs, string transform, string aggregate, bool bases)
    {
        var random = new SeededRandom((ulong)(outputs + transform.Length));
        for (var round = 0; round < 20; round++)
        {
            var model = Model(Ensemble(type, random, outputs, Features.Length, transform, aggregate, bases, "input"), Features.Length, type.EndsWith('r') && type.Contains("Class", StringComparison.Ordinal), outputs);
            var scanned = TestModel.Scan(model).Model!;
            var forest = TreeEnsembleReader.ReadForest(scanned, Features);
            Assert.Null(forest.Problem);
            var rows = RandomRows(random, Features.Length);
            var runtime = Run(scanned, rows, Features.Length, model.Graph.Output[^1].Name, outputs);
            var ours = new double[outputs];
            for (var r = 0; r < Rows; r++)
            {
                forest.Forest!.Evaluate(rows.AsSpan(r * Features.Length, Features.Length), ours);
                for (var k = 0; k < outputs; k++)
                {
                    Assert.Equal(runtime[(r * outputs) + k], ours[k], 2e-6);
                    if (transform is "NONE")
                    {
                        Assert.Equal(ours[k], forest.Forest.Output(k).Margin(rows.AsSpan(r * Features.Length, Features.Length)), 1e-6);
                    }
                }
            }
        }
    }

    /// <summary>Imputer, scaler, column selection, casts and one-hot in front of trees and of a linear model.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_Pipelines_AgreeWithRuntime(bool trees)
    {
        var random = new SeededRandom(17);
        for (var round = 0; round < 20; round++)
        {
            NodeProto[] preparation =
            [
                Node("Imputer", "ai.onnx.ml", ["input"], "imputed", Floats("imputed_value_floats", [1, 2, 3]), new AttributeProto { Name = "replaced_value_float", Type = AttributeProto.Types.AttributeType.Float, F = float.NaN }),
                Node("ArrayFeatureExtractor", "ai.onnx.ml", ["imputed", "first_two"], "numeric"),
                Node("Scaler", "ai.onnx.ml", ["numeric"], "scaled", Floats("offset", [1.5f, 2]), Floats("scale", [0.3f, 0.7f])),
                Node("ArrayFeatureExtractor", "ai.onnx.ml", ["imputed", "third"], "code"),
                Node("Cast", "", ["code"], "whole", new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = 7 }),
                Node("OneHotEncoder", "ai.onnx.ml", ["whole"], "hot", Integers("cats_int64s", [0, 1, 3])),
                Node("Reshape", "", ["hot", "flat"], "flattened"),
                Node("Concat", "", ["scaled", "flattened"], "prepared", new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 }),
            ];
            var estimator = trees ? Ensemble("TreeEnsembleClassifier", random, 1, 5, "LOGISTIC", "", true, "prepared") : Linear(random);
            var model = Model(estimator, Features.Length, true, 2, preparation);
            model.Graph.Initializer.Add([Tensor("first_two", [2], 0, 1), Tensor("third", [1], 2), Tensor("flat", [2], -1, 3)]);
            var scan = TestModel.Scan(model);
            Assert.Empty(scan.Findings);
            var reading = StructureReader.Read(scan.Model!, Features);
            Assert.Null(reading.Problem);
            using var scorer = new OnnxScorer(scan.Model!, Features);
            var rows = RandomRows(random, Features.Length);
            var runtime = new double[Rows];
            scorer.Score(rows, runtime, TestContext.Current.CancellationToken);
            for (var r = 0; r < Rows; r++)
            {
                var margin = reading.Structure!.Margin(rows.AsSpan(r * Features.Length, Features.Length));
                Assert.Equal(runtime[r], 1 / (1 + Math.Exp(-margin)), 2e-6);
            }
        }
    }

    private static float[] RandomRows(SeededRandom random, int width) => [.. Enumerable.Range(0, Rows * width).Select(_ => random.Chance(0.15) ? float.NaN : (float)(random.NextBits() % 5))];

    private static float[] Run(ScannedModel model, float[] rows, int width, string output, int outputs)
    {
        using var session = new InferenceSession(model.Content.ToArray());
        using var input = OrtValue.CreateTensorValueFromMemory(rows, [Rows, width]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["input"], [input], [output]);
        var values = results[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.Equal(Rows * outputs, values.Length);
        return values;
    }

    /// <summary>Outputs 1 of a classifier: a binary one that weighs class 0 only.</summary>
    private static NodeProto Ensemble(string type, SeededRandom random, int outputs, int columns, string transform, string aggregate, bool bases, string input)
    {
        List<long> trees = [], ids = [], columnIds = [], yes = [], no = [], missing = [], leafTrees = [], leafIds = [], targets = [];
        List<string> modes = [];
        List<float> thresholds = [], weights = [];
        string[] words = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ"];
        for (var tree = 0; tree < 3; tree++)
        {
            var next = 0L;
            Grow(tree, 3, ref next);
        }

        var classifier = type == "TreeEnsembleClassifier";
        var kind = classifier ? "class" : "target";
        weights[0] = -0.5f;
        var node = Node(type, "ai.onnx.ml", [input], classifier ? "label" : "values",
            Integers("nodes_treeids", trees), Integers("nodes_nodeids", ids), Integers("nodes_featureids", columnIds), Integers("nodes_truenodeids", yes), Integers("nodes_falsenodeids", no),
            Integers("nodes_missing_value_tracks_true", missing), Floats("nodes_values", thresholds), Strings("nodes_modes", modes),
            Integers(kind + "_treeids", leafTrees), Integers(kind + "_nodeids", leafIds), Integers(kind + "_ids", targets), Floats(kind + "_weights", weights), Word("post_transform", transform));
        if (classifier)
        {
            node.Output.Add("probabilities");
            node.Attribute.Add(Integers("classlabels_int64s", Enumerable.Range(0, Math.Max(2, outputs)).Select(k => (long)k)));
        }
        else
        {
            node.Attribute.Add([Word("aggregate_function", aggregate), new AttributeProto { Name = "n_targets", Type = AttributeProto.Types.AttributeType.Int, I = outputs }]);
        }

        if (bases)
        {
            node.Attribute.Add(Floats("base_values", Enumerable.Range(0, outputs).Select(_ => (float)random.NextNormal())));
        }

        return node;

        void Grow(int tree, int depth, ref long next)
        {
            var id = next++;
            var at = ids.Count;
            trees.Add(tree);
            ids.Add(id);
            columnIds.Add((long)(random.NextBits() % (ulong)columns));
            thresholds.Add((random.NextBits() % 5) - (columns > 3 ? 1.25f : 0));
            missing.Add(random.Chance(0.5) ? 1 : 0);
            yes.Add(0);
            no.Add(0);
            if (depth == 0 || random.Chance(0.15))
            {
                modes.Add("LEAF");
                for (var k = 0; k < outputs; k++)
                {
                    leafTrees.Add(tree);
                    leafIds.Add(id);
                    targets.Add(k);
                    weights.Add((float)random.NextNormal());
                }

                return;
            }

            modes.Add(words[(int)(random.NextBits() % 6)]);
            yes[at] = next;
            Grow(tree, depth - 1, ref next);
            no[at] = next;
            Grow(tree, depth - 1, ref next);
        }
    }

    private static NodeProto Linear(SeededRandom random)
    {
        var coefficients = Enumerable.Range(0, 5).Select(_ => (float)random.NextNormal()).ToArray();
        var node = Node("LinearClassifier", "ai.onnx.ml", ["prepared"], "label",
            Floats("coefficients", [.. coefficients.Select(c => -c), .. coefficients]), Floats("intercepts", [-0.3f, 0.3f]), Integers("classlabels_ints", [0, 1]), Word("post_transform", "LOGISTIC"));
        node.Output.Add("probabilities");
        return node;
    }

    private static ModelProto Model(NodeProto estimator, int width, bool classifier, int outputs, params ReadOnlySpan<NodeProto> preparation)
    {
        var model = TestModel.Valid();
        model.Graph.Node.Clear();
        foreach (var node in preparation)
        {
            model.Graph.Node.Add(node);
        }

        model.Graph.Node.Add(estimator);
        model.Graph.Input[0].Name = "input";
        model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = width;
        model.Graph.Output[^1].Name = estimator.Output[^1];
        model.Graph.Output[^1].Type.TensorType.Shape.Dim[1].DimValue = outputs;
        if (!classifier)
        {
            model.Graph.Output.RemoveAt(0);
        }

        return model;
    }

    private static NodeProto Node(string type, string domain, string[] inputs, string output, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = type, Domain = domain, Name = output, Input = { inputs }, Output = { output } };
        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        return node;
    }

    private static TensorProto Tensor(string name, long[] dims, params long[] values) => new() { Name = name, DataType = 7, Dims = { dims }, Int64Data = { values } };

    private static AttributeProto Integers(string name, IEnumerable<long> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static AttributeProto Floats(string name, IEnumerable<float> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { values } };

    private static AttributeProto Strings(string name, IEnumerable<string> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };

    private static AttributeProto Word(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };
}
