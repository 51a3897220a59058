using Governance.Data;
using Governance.Data.Cases;
using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;
using Governance.Models.Tests.Onnx;
using Governance.Models.Trees;
using Governance.Testing;

namespace Governance.Models.Tests.Trees;

public sealed class TreeEnsembleTests
{
    public static TheoryData<string> Cases() => [.. SharedMaterial.CaseFolders().Select(f => Path.GetFileName(f)).DefaultIfEmpty("")];

    [Theory]
    [Trait("Category", SharedMaterial.Conformance)]
    [MemberData(nameof(Cases))]
    public async Task Score_EveryTreeModelOfACase_AgreesWithRuntimeAndLibrary(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", name), cancellationToken);
        var rows = FeatureMatrix.Of(reference.Test, reference.Features);
        var read = 0;
        foreach (var model in reference.Models.Where(m => reference.ReferenceScores.ContainsKey(m.Name)))
        {
            var scanned = (await OnnxScanner.ScanFileAsync(model.Path, OnnxLimits.Default, cancellationToken)).Model!;
            if (TreeEnsembleReader.Read(scanned, reference.Features).Ensemble is not { } ensemble)
            {
                continue;
            }

            read++;
            var ours = new double[rows.RowCount];
            var runtime = new double[rows.RowCount];
            ensemble.Score(rows.Values.Span, ours, cancellationToken);
            using var scorer = new OnnxScorer(scanned, reference.Features);
            scorer.Score(rows.Values.Span, runtime, cancellationToken);
            var library = reference.ReferenceScores[model.Name];
            var toRuntime = ours.Zip(runtime, (a, b) => Math.Abs(a - b)).Max();
            var toLibrary = ours.Index().Max(s => Math.Abs(s.Item - library.Span[s.Index]));
            TestContext.Current.SendDiagnosticMessage($"{name}/{model.Name}: {rows.RowCount} rows, to runtime {toRuntime:g3}, to library {toLibrary:g3}");
            Assert.True(toRuntime < 2e-6, $"{model.Name}: {toRuntime:g3} from the runtime");
            Assert.True(toLibrary < 2e-6, $"{model.Name}: {toLibrary:g3} from the library");
        }

        Assert.True(read > 0, "No tree model of the case could be read.");
    }

    /// <summary>Every mode, NaN and values equal to thresholds, against ONNX Runtime.</summary>
    [Fact]
    public void Score_RandomEnsembles_AgreeWithRuntime()
    {
        var random = new SeededRandom(11);
        for (var round = 0; round < 300; round++)
        {
            var scanned = TestModel.Scan(RandomEnsemble(random)).Model!;
            var reading = TreeEnsembleReader.Read(scanned, TestModel.Features);
            Assert.Null(reading.Problem);
            var rows = Enumerable.Range(0, 80).Select(_ => random.Chance(0.2) ? float.NaN : (float)(random.NextBits() % 5)).ToArray();
            var ours = new double[40];
            var runtime = new double[40];
            using var scorer = new OnnxScorer(scanned, TestModel.Features);

            reading.Ensemble!.Score(rows, ours, TestContext.Current.CancellationToken);
            scorer.Score(rows, runtime, TestContext.Current.CancellationToken);

            Assert.All(ours.Zip(runtime), p => Assert.Equal(p.Second, p.First, 1e-6));
        }
    }

    [Fact]
    public void Scan_TreesThatAreNone_AreRefused()
    {
        var spoils = new (Action<NodeProto> Spoil, string Says)[]
        {
            (n => List(n, "nodes_truenodeids").Ints[0] = 0, "comes back"),
            (n => List(n, "nodes_truenodeids").Ints[0] = 99, "not there"),
            (n => List(n, "nodes_nodeids").Ints[1] = 0, "same id"),
            (n => List(n, "nodes_values").Floats.RemoveAt(0), "differ in length"),
            (n => List(n, "nodes_modes").Strings[0] = Google.Protobuf.ByteString.CopyFromUtf8("BRANCH_MAYBE"), "unknown mode"),
            (n => List(n, "nodes_featureids").Ints[0] = -1, "feature"),
        };

        Assert.All(spoils, s =>
        {
            var model = Ensemble([(BranchMode.Less, 0, 1f, 1, 2, false, 0f), (BranchMode.Leaf, 0, 0, 0, 0, false, 1f), (BranchMode.Leaf, 0, 0, 0, 0, false, -1f)]);
            s.Spoil(model.Graph.Node[0]);
            var finding = Assert.Single(TestModel.Scan(model).Findings);
            Assert.Equal(OnnxRule.Trees, finding.Rule);
            Assert.Contains(s.Says, finding.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Scan_ChainOfAHundredThousandBranches_IsRefused()
    {
        const int Length = 100_000;
        var chain = Enumerable.Range(0, Length).Select(i => (BranchMode.Less, 0, (float)i, i + 1, Length, false, 0f))
            .Append((BranchMode.Leaf, 0, 0f, 0, 0, false, 1f)).ToArray();

        Assert.Contains("levels deep", Assert.Single(TestModel.Scan(Ensemble(chain)).Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_SharedSubtreesThatDoubleAtEachLevel_AreRefused()
    {
        var doubling = Enumerable.Range(0, 60).Select(i => (BranchMode.Less, 0, (float)i, i + 1, i + 1, false, 0f)).Append((BranchMode.Leaf, 0, 0f, 0, 0, false, 1f)).ToArray();

        Assert.Contains("written out", Assert.Single(TestModel.Scan(Ensemble(doubling)).Findings).Message, StringComparison.Ordinal);
    }

    private static ModelProto RandomEnsemble(SeededRandom random)
    {
        var nodes = new List<(BranchMode Mode, int Feature, float Threshold, int True, int False, bool Missing, float Weight)>();
        int Grow(int depth)
        {
            var at = nodes.Count;
            nodes.Add(default);
            nodes[at] = depth == 0 || random.Chance(0.2)
                ? (BranchMode.Leaf, 0, 0, 0, 0, false, (float)random.NextNormal())
                : ((BranchMode)(1 + (random.NextBits() % 6)), (int)(random.NextBits() % 2), random.NextBits() % 5, Grow(depth - 1), Grow(depth - 1), random.Chance(0.5), 0f);
            return at;
        }

        Grow(4);
        nodes[nodes.FindIndex(n => n.Mode is BranchMode.Leaf)] = (BranchMode.Leaf, 0, 0, 0, 0, false, -0.5f);
        return Ensemble([.. nodes]);
    }

    private static AttributeProto List(NodeProto node, string name) => node.Attribute.Single(a => a.Name == name);

    private static ModelProto Ensemble((BranchMode Mode, int Feature, float Threshold, int True, int False, bool Missing, float Weight)[] nodes)
    {
        string[] words = ["LEAF", "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ"];
        static AttributeProto Integers(string name, IEnumerable<long> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };
        static AttributeProto Numbers(string name, IEnumerable<float> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { values } };
        var leaves = nodes.Index().Where(n => n.Item.Mode is BranchMode.Leaf).ToArray();
        var model = TestModel.Valid();
        var node = model.Graph.Node[0];
        node.OpType = "TreeEnsembleClassifier";
        var link = node.Attribute.Single(a => a.Name == "post_transform");
        node.Attribute.Clear();
        node.Attribute.Add(
        [
            link,
            Integers("classlabels_int64s", [0, 1]),
            Integers("nodes_treeids", nodes.Select(_ => 0L)),
            Integers("nodes_nodeids", nodes.Select((_, i) => (long)i)),
            Integers("nodes_featureids", nodes.Select(n => (long)n.Feature)),
            Integers("nodes_truenodeids", nodes.Select(n => (long)n.True)),
            Integers("nodes_falsenodeids", nodes.Select(n => (long)n.False)),
            Integers("nodes_missing_value_tracks_true", nodes.Select(n => n.Missing ? 1L : 0L)),
            Numbers("nodes_values", nodes.Select(n => n.Threshold)),
            new AttributeProto { Name = "nodes_modes", Type = AttributeProto.Types.AttributeType.Strings, Strings = { nodes.Select(n => Google.Protobuf.ByteString.CopyFromUtf8(words[(int)n.Mode])) } },
            Integers("class_treeids", leaves.Select(_ => 0L)),
            Integers("class_nodeids", leaves.Select(l => (long)l.Index)),
            Integers("class_ids", leaves.Select(_ => 0L)),
            Numbers("class_weights", leaves.Select(l => l.Item.Weight)),
        ]);
        return model;
    }
}
