using System.Numerics;
using Governance.Data;
using Governance.Models.Attribution;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models.Tests.Attribution;

public sealed class TreeExplainerTests
{
    private static readonly string[] Features = ["a", "b", "c", "d", "e", "f"];

    /// <summary>The definition, by all coalitions, on random trees with repeated features, every mode, NaN, one-hot columns and groups.</summary>
    [Fact]
    public void Interventional_RandomTrees_AreShapleyValuesByDefinition()
    {
        var random = new SeededRandom(5);
        for (var round = 0; round < 60; round++)
        {
            var model = RandomModel(random, depth: 2 + (round % 6));
            var players = round % 3 == 0 ? PlayerSet.Grouped(Features, f => f is "a" or "c" ? "ac" : f) : PlayerSet.OfFeatures(Features);
            float[] background = Rows(random, 5), rows = Rows(random, 9);
            var explainer = TreeExplainer.Interventional(model, players, background, TestContext.Current.CancellationToken);
            var contributions = new double[9 * players.Count];
            explainer.Explain(rows, contributions, TestContext.Current.CancellationToken);
            for (var r = 0; r < 9; r++)
            {
                var row = rows.AsSpan(r * Features.Length, Features.Length).ToArray();
                var expected = Shapley(players.Count, inside => Enumerable.Range(0, 5).Average(b =>
                    model.Margin(Enumerable.Range(0, Features.Length).Select(f => (inside >> players.OfFeature[f] & 1) != 0 ? row[f] : background[(b * Features.Length) + f]).ToArray())));
                for (var p = 0; p < players.Count; p++)
                {
                    Assert.Equal(expected[p], contributions[(r * players.Count) + p], 1e-12);
                }
            }
        }
    }

    /// <summary>The definition of the path-dependent game: absent features go down both branches by cover.</summary>
    [Fact]
    public void PathDependent_RandomTrees_AreShapleyValuesByDefinition()
    {
        var random = new SeededRandom(6);
        for (var round = 0; round < 40; round++)
        {
            var model = RandomModel(random, depth: 2 + (round % 6));
            var players = PlayerSet.OfFeatures(Features);
            var covers = TreeCovers.Recount(model, Rows(random, 40), TestContext.Current.CancellationToken);
            var explainer = TreeExplainer.PathDependent(model, players, covers);
            var row = Rows(random, 1);
            var contributions = new double[players.Count];
            explainer.Explain(row, contributions, TestContext.Current.CancellationToken);
            var derived = new float[model.Columns.Columns.Count];
            model.Columns.Apply(row, derived);

            // A feature's shares multiply along the path, whichever columns of it are asked for.
            double Value(int inside, int at, Dictionary<int, double> shares)
            {
                var node = model.Trees.Nodes.Span[at];
                if (node.Mode is BranchMode.Leaf)
                {
                    return node.Weight * shares.Values.Aggregate(1.0, (a, b) => a * b);
                }

                var player = model.Columns.Columns[node.Feature].Source;
                var goes = TreeEnsemble.GoesTrue(node, derived[node.Feature]);
                var total = covers[node.True] + covers[node.False];
                var sum = 0.0;
                foreach (var (child, taken) in new[] { (node.True, goes), (node.False, !goes) })
                {
                    var share = (inside >> player & 1) != 0 ? taken ? 1 : 0 : total > 0 ? covers[child] / total : 0.5;
                    sum += Value(inside, child, new(shares) { [player] = shares.GetValueOrDefault(player, 1) * share });
                }

                return sum;
            }

            var expected = Shapley(players.Count, inside => model.Trees.Base + model.Trees.Roots.ToArray().Sum(root => Value(inside, root, [])));
            for (var p = 0; p < players.Count; p++)
            {
                Assert.Equal(expected[p], contributions[p], 1e-12);
            }
        }
    }

    /// <summary>Published by the shap project (tests/explainers/test_tree.py, test_consistency_approximate).</summary>
    /// <summary>shap's stump that only asks whether its first feature is missing: one row of five is.</summary>
    [Fact]
    public void PathDependent_StumpOnMissing_PublishedValues()
    {
        TreeNode[] nodes = [new(BranchMode.LessOrEqual, 0, float.MaxValue, 1, 2, false, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, 0), new(BranchMode.Leaf, 0, 0, 2, 2, false, 1)];
        var model = new TreeStructure(InputColumns.Identity(["x"]), new TreeEnsemble(["x"], nodes, new[] { 0 }, 0, TreeLink.Identity));
        float[] rows = [float.NaN, 1, 2, 3, 4];
        var contributions = new double[5];

        TreeExplainer.PathDependent(model, PlayerSet.OfFeatures(["x"]), TreeCovers.Recount(model, rows, TestContext.Current.CancellationToken))
            .Explain(rows, contributions, TestContext.Current.CancellationToken);

        double[] published = [4.0 / 5, -1.0 / 5, -1.0 / 5, -1.0 / 5, -1.0 / 5];
        Assert.All(contributions.Zip(published), p => Assert.Equal(p.Second, p.First, 1e-12));
    }

    [Fact]
    public void PathDependent_AndTree_PublishedValues()
    {
        // AND of two flags times 80, seen equally often in all four combinations.
        TreeNode[] nodes =
        [
            new(BranchMode.LessOrEqual, 0, 0.5f, 1, 2, false, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, 0), new(BranchMode.LessOrEqual, 1, 0.5f, 3, 4, false, 0),
            new(BranchMode.Leaf, 0, 0, 3, 3, false, 0), new(BranchMode.Leaf, 0, 0, 4, 4, false, 80),
        ];
        var model = new TreeStructure(InputColumns.Identity(["x", "y"]), new TreeEnsemble(["x", "y"], nodes, new[] { 0 }, 0, TreeLink.Identity));
        float[] rows = [0, 0, 1, 0, 0, 1, 1, 1];
        var contributions = new double[8];

        TreeExplainer.PathDependent(model, PlayerSet.OfFeatures(["x", "y"]), TreeCovers.Recount(model, rows, TestContext.Current.CancellationToken))
            .Explain(rows, contributions, TestContext.Current.CancellationToken);

        double[] published = [-10, -10, 10, -30, -30, 10, 30, 30];
        Assert.All(contributions.Zip(published), p => Assert.Equal(p.Second, p.First, 1e-12));
    }

    /// <summary>Long paths have no tables: a chain over 20 features against 300 background rows, against the sum over the rows one by one.</summary>
    [Fact]
    public void Interventional_LongPaths_EqualTheMeanOverSingleReferences()
    {
        const int Width = 20;
        var names = Enumerable.Range(0, Width).Select(i => $"x{i}").ToArray();
        var nodes = new List<TreeNode>();
        for (var i = 0; i < Width; i++)
        {
            nodes.Add(new(BranchMode.Less, i, 0.3f + (0.02f * i), nodes.Count + 1, nodes.Count + 2, false, 0));
            nodes.Add(new(BranchMode.Leaf, 0, 0, nodes.Count, nodes.Count, false, i - 7));
        }

        nodes.Add(new(BranchMode.Leaf, 0, 0, nodes.Count, nodes.Count, false, 100));
        var model = new TreeStructure(InputColumns.Identity(names), new TreeEnsemble(names, nodes.ToArray(), new[] { 0 }, 0.25, TreeLink.Logistic));
        var random = new SeededRandom(8);
        float[] background = [.. Enumerable.Range(0, 300 * Width).Select(_ => Uniform(random))], row = [.. Enumerable.Range(0, Width).Select(_ => Uniform(random) + 0.4f)];
        var players = PlayerSet.OfFeatures(names);
        double[] all = new double[Width], mean = new double[Width], one = new double[Width];
        TreeExplainer.Interventional(model, players, background, TestContext.Current.CancellationToken).Explain(row, all, TestContext.Current.CancellationToken);
        for (var b = 0; b < 300; b++)
        {
            TreeExplainer.Interventional(model, players, background.AsSpan(b * Width, Width), TestContext.Current.CancellationToken).Explain(row, one, TestContext.Current.CancellationToken);
            for (var f = 0; f < Width; f++)
            {
                mean[f] += one[f] / 300;
            }
        }

        Assert.All(all.Zip(mean), p => Assert.Equal(p.Second, p.First, 1e-10));
    }

    private static float Uniform(SeededRandom random) => (random.NextBits() % 1000) / 1000f;

    private static float[] Rows(SeededRandom random, int count) =>
        [.. Enumerable.Range(0, count * Features.Length).Select(_ => random.Chance(0.15) ? float.NaN : (float)(random.NextBits() % 5))];

    /// <summary>Six features as nine columns: "b" imputed, "d" scaled, "f" one-hot in four.</summary>
    private static TreeStructure RandomModel(SeededRandom random, int depth)
    {
        DerivedColumn[] columns =
        [
            new(0, []), new(1, [new(ColumnOperation.Impute, float.NaN, 2)]), new(2, []), new(3, [new(ColumnOperation.Scale, 2, 0.5f)]), new(4, []),
            .. Enumerable.Range(0, 4).Select(k => new DerivedColumn(5, [new(ColumnOperation.Equals, k)])),
        ];
        var nodes = new List<TreeNode>();
        int Grow(int level)
        {
            var at = nodes.Count;
            nodes.Add(default);
            nodes[at] = level == 0 || random.Chance(0.1)
                ? new(BranchMode.Leaf, 0, 0, at, at, false, (float)random.NextNormal())
                : new((BranchMode)(1 + (random.NextBits() % 6)), (int)(random.NextBits() % (ulong)columns.Length), (random.NextBits() % 5) - 0.5f + (random.Chance(0.5) ? 0.5f : 0), Grow(level - 1), Grow(level - 1), random.Chance(0.5), 0);
            return at;
        }

        int[] roots = [Grow(depth), Grow(depth), Grow(0)];
        return new(new InputColumns(Features, columns), new TreeEnsemble([.. columns.Select((_, i) => $"c{i}")], nodes.ToArray(), roots, 0.5, TreeLink.Logistic));
    }

    private static double[] Shapley(int players, Func<int, double> value)
    {
        var values = Enumerable.Range(0, 1 << players).Select(value).ToArray();
        double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
        return [.. Enumerable.Range(0, players).Select(p => Enumerable.Range(0, 1 << players).Where(s => (s >> p & 1) == 0).Sum(s =>
        {
            var size = BitOperations.PopCount((uint)s);
            return Factorial(size) * Factorial(players - size - 1) / Factorial(players) * (values[s | (1 << p)] - values[s]);
        }))];
    }
}
