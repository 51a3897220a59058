using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Data.Cases;
using Governance.Models.Onnx;
using Governance.Models.Trees;
using Governance.Testing;

namespace Governance.Models.Tests.Trees;

/// <summary>Every row of every case ends in the same leaf of every tree in the ONNX file and in the training library's own file: no path flips in conversion.</summary>
public sealed class LeafPathTests
{
    /// <summary>One native tree: the leaves a row reaches are named by their position in depth-first order, true child first.</summary>
    private delegate int Route(ReadOnlySpan<float> row);

    public static TheoryData<string> Cases() => [.. SharedMaterial.CaseFolders().Select(f => Path.GetFileName(f)).DefaultIfEmpty("")];

    [Theory]
    [Trait("Category", SharedMaterial.Conformance)]
    [MemberData(nameof(Cases))]
    public async Task Leaves_XGBoostAndLightGbm_AreThoseOfTheNativeFile(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Path.Combine(SharedMaterial.Root, "cases", name);
        var reference = await ReferenceCase.LoadAsync(folder, cancellationToken);
        var rows = FeatureMatrix.Of(reference.Test, reference.Features);
        foreach (var (model, file, read) in new (string, string, Func<string, Route[]>)[] { ("xgboost", "xgboost_native.json", XGBoost), ("lightgbm", "lightgbm_native.txt", LightGbm) })
        {
            var native = Path.Combine(folder, "models", file);
            if (!File.Exists(native))
            {
                continue;
            }

            var scanned = (await OnnxScanner.ScanFileAsync(reference.Models.Single(m => m.Name == model).Path, OnnxLimits.Default, cancellationToken)).Model!;
            var trees = TreeEnsembleReader.Read(scanned, reference.Features).Ensemble!;
            var routes = read(native);
            Assert.Equal(routes.Length, trees.Roots.Length);
            var flips = 0;
            for (var t = 0; t < routes.Length; t++)
            {
                var order = Order(trees.Nodes.Span, trees.Roots.Span[t]);
                for (var r = 0; r < rows.RowCount; r++)
                {
                    flips += order[TreeEnsemble.Leaf(trees.Nodes.Span, trees.Roots.Span[t], rows.Row(r))] == routes[t](rows.Row(r)) ? 0 : 1;
                }
            }

            Assert.Equal(0, flips);
        }
    }

    private static Dictionary<int, int> Order(ReadOnlySpan<TreeNode> nodes, int root)
    {
        var order = new Dictionary<int, int>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out var at))
        {
            if (nodes[at].Mode is BranchMode.Leaf)
            {
                order.Add(at, order.Count);
                continue;
            }

            open.Push(nodes[at].False);
            open.Push(nodes[at].True);
        }

        return order;
    }

    /// <summary>XGBoost: below the float32 threshold to the left, missing by the node's default.</summary>
    private static Route[] XGBoost(string file) => [.. JsonNode.Parse(File.ReadAllText(file))!["learner"]!["gradient_booster"]!["model"]!["trees"]!.AsArray().Select(t =>
    {
        int[] left = Integers(t!["left_children"]!), right = Integers(t["right_children"]!), feature = Integers(t["split_indices"]!), missing = Integers(t["default_left"]!);
        var threshold = t["split_conditions"]!.AsArray().Select(v => (float)(double)v!).ToArray();
        return Tree(0, n => left[n] < 0, n => (left[n], right[n]), (n, row) => float.IsNaN(row[feature[n]]) ? missing[n] != 0 : row[feature[n]] < threshold[n]);
    })];

    /// <summary>LightGBM: up to the double threshold to the left; missing by bits of the decision type (2: default left; 4 and 8: what counts as missing).</summary>
    private static Route[] LightGbm(string file) => [.. File.ReadAllText(file).Split("\nTree=").Skip(1).Select(text =>
    {
        var lines = text.Split('\n').Where(l => l.Contains('=')).Select(l => l.Split('=', 2)).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        int[] left = Words(lines["left_child"]), right = Words(lines["right_child"]), feature = Words(lines["split_feature"]), decision = Words(lines["decision_type"]);
        var threshold = lines["threshold"].Split(' ').Select(w => double.Parse(w, CultureInfo.InvariantCulture)).ToArray();
        return Tree(0, n => n < 0, n => (left[n], right[n]), (n, row) =>
        {
            var value = row[feature[n]];
            Assert.Equal(0, decision[n] & 1);
            var kind = (decision[n] >> 2) & 3;
            return kind == 2 && float.IsNaN(value) ? (decision[n] & 2) != 0
                : kind == 1 && (float.IsNaN(value) || Math.Abs(value) <= 1e-35f) ? (decision[n] & 2) != 0
                : (float.IsNaN(value) ? 0 : (double)value) <= threshold[n];
        });
    })];

    private delegate bool GoesLeft(int node, ReadOnlySpan<float> row);

    private static Route Tree(int root, Func<int, bool> isLeaf, Func<int, (int Left, int Right)> children, GoesLeft goesLeft)
    {
        var order = new Dictionary<int, int>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out var at))
        {
            if (isLeaf(at))
            {
                order.Add(at, order.Count);
                continue;
            }

            open.Push(children(at).Right);
            open.Push(children(at).Left);
        }

        return row =>
        {
            var at = root;
            while (!isLeaf(at))
            {
                at = goesLeft(at, row) ? children(at).Left : children(at).Right;
            }

            return order[at];
        };
    }

    private static int[] Integers(JsonNode node) => [.. node.AsArray().Select(v => v!.GetValueKind() is System.Text.Json.JsonValueKind.True ? 1 : v.GetValueKind() is System.Text.Json.JsonValueKind.False ? 0 : (int)v)];

    private static int[] Words(string line) => [.. line.Split(' ').Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
}
