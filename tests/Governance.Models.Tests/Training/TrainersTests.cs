using Governance.Data;
using Governance.Models.Training;
using Governance.Models.Trees;

namespace Governance.Models.Tests.Training;

/// <summary>The small trainers learn what there is to learn, cope with missing values, and repeat themselves bit for bit.</summary>
public sealed class TrainersTests
{
    public static TheoryData<string> Names => ["logistic", "trees", "network"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_SameSeedSameModel_OtherRowsLearnedWell(string name)
    {
        var (train, labels) = Sample(1, 1500, missing: true);
        var (test, truth) = Sample(2, 1500, missing: true);
        var first = Scores(Of(name).Fit(train, labels, 5, TestContext.Current.CancellationToken), test);
        var again = Scores(Of(name).Fit(train, labels, 5, TestContext.Current.CancellationToken), test);

        Assert.Equal(first, again);
        Assert.All(first, p => Assert.InRange(p, 0.0, 1.0));
        Assert.True(Auc(first, truth) > 0.75, $"{name}: {Auc(first, truth)}");
        Assert.InRange(first.Average(), truth.Average() - 0.06, truth.Average() + 0.06);
    }

    /// <summary>A checkerboard, where every linear model is blind.</summary>
    [Theory]
    [InlineData("trees")]
    [InlineData("network")]
    public void Fit_Interaction_Found(string name)
    {
        var (train, labels) = Checkerboard(3, 2000);
        var (test, truth) = Checkerboard(4, 1000);
        Assert.True(Auc(Scores(Of(name).Fit(train, labels, 1, TestContext.Current.CancellationToken), test), truth) > 0.9);
        Assert.InRange(Auc(Scores(Trainers.Logistic.Fit(train, labels, 1, TestContext.Current.CancellationToken), test), truth), 0.4, 0.6);
    }

    /// <summary>Trees route missing values to the side that the training rows say.</summary>
    [Fact]
    public void BoostedTrees_MissingIsTheSignal_Learned()
    {
        var random = new SeededRandom(9);
        var labels = Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 1.0 : 0).ToArray();
        var x = labels.Select(l => l == 1 ? float.NaN : (float)random.NextNormal()).ToArray();
        var model = BoostedTrees.Fit(new FeatureMatrix(["x"], 400, x), labels, new BoostedTreesSettings(), 1, TestContext.Current.CancellationToken);
        Assert.True(Auc(Scores(model, new FeatureMatrix(["x"], 400, x)), labels) == 1);
    }

    /// <summary>The margin the trainer kept while growing is the one the ensemble gives.</summary>
    [Fact]
    public void BoostedTrees_Ensemble_LowersLossEveryTree()
    {
        var (train, labels) = Sample(6, 800, missing: true);
        double Loss(int rounds)
        {
            var model = BoostedTrees.Fit(train, labels, new BoostedTreesSettings(Rounds: rounds), 1, TestContext.Current.CancellationToken);
            return Scores(model, train).Zip(labels, (p, y) => -Math.Log(y == 1 ? p : 1 - p)).Average();
        }

        var losses = new[] { 1, 5, 20, 60 }.Select(Loss).ToArray();
        Assert.Equal(losses.OrderDescending(), losses);
        var first = Assert.IsType<TreeEnsemble>(Trainers.BoostedTrees.Fit(train, labels, 1, TestContext.Current.CancellationToken));
        Assert.Equal(60, first.Roots.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_OneClass_Refused(string name) => Assert.Throws<ArgumentException>(() =>
        Of(name).Fit(new FeatureMatrix(["x"], 3, new float[] { 1, 2, 3 }), [1, 1, 1], 1, TestContext.Current.CancellationToken));

    private static ITrainer Of(string name) => name switch
    {
        "logistic" => Trainers.Logistic,
        "trees" => Trainers.BoostedTrees,
        _ => Trainers.NeuralNetwork,
    };

    private static (FeatureMatrix Data, double[] Labels) Sample(ulong seed, int rows, bool missing)
    {
        var random = new SeededRandom(seed);
        var values = new float[rows * 3];
        var labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            for (var f = 0; f < 3; f++)
            {
                values[(i * 3) + f] = (float)random.NextNormal();
            }

            labels[i] = random.Chance(1 / (1 + Math.Exp(-(1.5 * values[i * 3]) + values[(i * 3) + 1]))) ? 1 : 0;
            values[i * 3] = missing && random.Chance(0.05) ? float.NaN : values[i * 3];
        }

        return (new FeatureMatrix(["a", "b", "c"], rows, values), labels);
    }

    private static (FeatureMatrix Data, double[] Labels) Checkerboard(ulong seed, int rows)
    {
        var random = new SeededRandom(seed);
        var values = Enumerable.Range(0, rows * 2).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray();
        return (new FeatureMatrix(["a", "b"], rows, values), [.. Enumerable.Range(0, rows).Select(i => values[2 * i] * values[(2 * i) + 1] > 0 ? 1.0 : 0)]);
    }

    private static double[] Scores(IScorer model, FeatureMatrix data)
    {
        var scores = new double[data.RowCount];
        model.Score(data.Values.Span, scores, TestContext.Current.CancellationToken);
        return scores;
    }

    private static double Auc(double[] scores, double[] labels)
    {
        double wins = 0, pairs = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            for (var j = 0; j < scores.Length; j++)
            {
                if (labels[i] == 1 && labels[j] == 0)
                {
                    pairs++;
                    wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }

        return wins / pairs;
    }
}
