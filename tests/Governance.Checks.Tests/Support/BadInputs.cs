using Governance.Data;
using Governance.Models;
using Governance.Models.Trees;

namespace Governance.Checks.Tests.Support;

/// <summary>Data nobody should have, but somebody has.</summary>
internal static class BadInputs
{
    /// <param name="trees">Put trees in the place of the linear model, for checks that apply to nothing else.</param>
    public static IEnumerable<(string Name, CheckInput Input)> All(bool trees = false) => trees ? All().Select(b => (b.Name, b.Input.With(Stump()))) : All();

    private static TreeEnsemble Stump() => new(["x"],
        new TreeNode[] { new(BranchMode.LessOrEqual, 0, 0.5f, 1, 2, true, 0), new(BranchMode.Leaf, 0, 0, 0, 0, false, -0.7f), new(BranchMode.Leaf, 0, 0, 0, 0, false, 0.9f) }, new[] { 0 }, 0, TreeLink.Logistic);

    private static IEnumerable<(string Name, CheckInput Input)> All()
    {
        yield return ("one row", Table(1));
        yield return ("two rows", Table(2));
        yield return ("label 0 only", Table(50, label: _ => 0));
        yield return ("label 1 only", Table(50, label: _ => 1));
        yield return ("labels missing", Table(50, label: _ => double.NaN));
        yield return ("labels not 0 or 1", Table(50, label: i => i));
        yield return ("constant score", Table(50, weight: 0));
        yield return ("scores 0 and 1", Table(50, weight: 1e30f));
        yield return ("perfect score", Table(50, weight: 20, label: i => i % 7 > 3 ? 1 : 0));
        yield return ("every score NaN", Table(50, feature: _ => float.NaN, strict: true));
        yield return ("some scores NaN", Table(50, feature: i => i % 5 == 0 ? float.NaN : i % 7, strict: true));
        yield return ("all-missing column", Table(50, feature: _ => float.NaN));
        yield return ("infinite feature", Table(50, feature: i => i % 2 == 0 ? float.PositiveInfinity : float.NegativeInfinity));
        yield return ("model throws on missing", Table(80, throws: true));
        yield return ("model throws on large values", Table(80, feature: i => i % 10, throwsAbove: 4.5f));
        yield return ("groups of one", Table(40, group: i => "g" + (i % 40)));
        yield return ("one group", Table(40, group: _ => "male"));
        yield return ("reference group absent", Table(200, group: i => i % 2 == 0 ? "x" : "y"));
        yield return ("groups missing", Table(40, group: _ => ""));
        yield return ("nobody favoured", Table(200, threshold: 0));
        yield return ("everybody favoured", Table(200, threshold: 1));
        yield return ("favoured reference only", Table(200, feature: i => i % 2 == 0 ? -9 : 9, group: i => i % 2 == 0 ? "male" : "female"));
        yield return ("group probabilities of nobody", Table(80, groupProbability: _ => 0));
        yield return ("group probabilities missing", Table(80, groupProbability: _ => double.NaN));
        yield return ("group probabilities beyond 1", Table(80, groupProbability: i => i));
        yield return ("group probabilities", Table(80, groupProbability: i => i % 3 / 3.0));
        yield return ("weights zero and negative, subject ids alike", Table(60, rowWeight: i => (i % 3) - 1));
        yield return ("model reads another feature", Table(60, features: ["z"]));
        yield return ("model reads features in another order", Table(60, features: ["sex", "x"]));
        yield return ("no rows", Table(0));
        yield return ("no label column", Table(50, withLabel: false));
        yield return ("training of one row", Table(50, trainingRows: 1));
        yield return ("training of no rows", Table(50, trainingRows: 0));
        yield return ("no training", Table(50, trainingRows: -1));
    }

    private static CheckInput Table(int rows, Func<int, double>? label = null, float weight = 1, Func<int, float>? feature = null, bool strict = false, Func<int, string>? group = null,
        double threshold = 0.5, bool throws = false, float throwsAbove = float.PositiveInfinity, bool withLabel = true, int trainingRows = 60,
        Func<int, double>? groupProbability = null, Func<int, double>? rowWeight = null, string[]? features = null)
    {
        label ??= i => i * 7919 % 3 == 0 ? 1 : 0;
        feature ??= i => (i % 7) - 3;
        group ??= i => i % 2 == 0 ? "male" : "female";
        IScorer model = new LinearScorer(features ?? ["x"], [.. Enumerable.Repeat((double)weight, features?.Length ?? 1)], strict || weight == 0 ? 0 : weight > 10 ? -weight * 0.5 : 0.1, missingIsZero: !strict);
        return new CheckInput
        {
            Evaluation = Data(rows),
            Training = trainingRows < 0 ? null : Data(trainingRows),
            Champion = new LinearScorer(["x"], [0.5f], 0.2, missingIsZero: !strict),
            Alternatives = new Dictionary<string, IScorer> { ["flat"] = new LinearScorer(["x"], [0], 0), ["steep"] = new LinearScorer(["x"], [3], 0, missingIsZero: !strict) },
            Model = throws || throwsAbove < 99 ? new Throwing(model, throwsAbove + 5) : model,
            Threshold = threshold,
            FavourablePrediction = 0,
            ReferenceGroups = new Dictionary<string, string> { ["sex"] = "male" },
        };

        DataTable Data(int count)
        {
            var all = Enumerable.Range(0, count).ToArray();
            List<DataColumn> columns =
            [
                new Float32Column("x", ColumnRole.Feature, all.Select(feature).ToArray()),
                Inputs.Category("sex", [.. all.Select(group)]),
                new Float64Column("reference", ColumnRole.ReferenceScore, all.Select(i => i % 3 == 0 ? double.NaN : 0.5).ToArray()),
            ];
            if (groupProbability is not null)
            {
                columns.Add(new Float64Column("origin=a", ColumnRole.GroupProbability, all.Select(groupProbability).ToArray()));
                columns.Add(new Float64Column("origin=b", ColumnRole.GroupProbability, all.Select(i => 1 - groupProbability(i)).ToArray()));
            }

            if (rowWeight is not null)
            {
                columns.Add(new Float64Column("weight", ColumnRole.Weight, all.Select(rowWeight).ToArray()));
                columns.Add(new TextColumn("id", ColumnRole.SubjectId, [.. all.Select(_ => "the same")]));
            }

            if (withLabel)
            {
                columns.Add(new Float64Column("label", ColumnRole.Label, all.Select(label).ToArray()));
            }

            return new DataTable(columns);
        }
    }

    /// <summary>Refuses rows with a missing or a large value.</summary>
    private sealed class Throwing(IScorer model, float limit) : IScorer
    {
        public IReadOnlyList<string> Features => model.Features;

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
        {
            foreach (var value in features)
            {
                if (float.IsNaN(value) || value > limit)
                {
                    throw new InvalidOperationException("The model takes no missing values.");
                }
            }

            model.Score(features, scores, cancellationToken);
        }
    }
}
