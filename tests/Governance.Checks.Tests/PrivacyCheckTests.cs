using Governance.Checks.Privacy;
using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Training;

namespace Governance.Checks.Tests;

/// <summary>Leaks that were put in are found, and where there is none, none is reported.</summary>
public sealed class PrivacyCheckTests
{
    /// <summary>A model fitted to noise labels until it remembers them, against one that could not.</summary>
    [Fact]
    public void ReferenceAttack_OverfittedTrees_FoundAndSoundModelNot()
    {
        var leaky = Inputs.Run("privacy.reference_attack", Fitted(new BoostedTreesSettings(Rounds: 150, Depth: 6, MinLeafRows: 1, LearningRate: 0.3)));
        Assert.True(leaky.Value("attack_auc", "attack=lira") > 0.8, leaky.Summary);
        Assert.True(leaky.Value("attack_auc", "attack=rmia") > 0.8, leaky.Summary);
        Assert.True(leaky.Get("tpr_at_fpr_1pct", "attack=lira").Lower > 0.05, leaky.Summary);

        var sound = Inputs.Run("privacy.reference_attack", Fitted(new BoostedTreesSettings(Rounds: 3, Depth: 1, MinLeafRows: 50)));
        Assert.True(sound.Get("max_attack_auc").Lower < 0.55, sound.Summary);
        Assert.True(sound.Get("tpr_at_fpr_1pct", "attack=rmia").Lower < 0.03, sound.Summary);
    }

    [Fact]
    public void EpsilonFloor_OverfittedTrees_ContradictsClaim()
    {
        var input = Fitted(new BoostedTreesSettings(Rounds: 150, Depth: 6, MinLeafRows: 1, LearningRate: 0.3), ("privacy.epsilon_floor", "claimed_epsilon", 0.1));
        var result = Inputs.Run("privacy.epsilon_floor", input);
        Assert.True(result.Value("one_run_epsilon") > 0.3, result.Summary);
        Assert.True(result.Value("floor_minus_claim") > 0, result.Summary);
    }

    [Fact]
    public void Accountant_ClaimTooSmall_Shortfall()
    {
        var result = Inputs.Run("privacy.dp_accountant", Claiming(1.0));
        Assert.Equal(2.4612381, result.Value("epsilon"), 1e-4);
        Assert.True(result.Value("claim_shortfall") > 1.4);
        Assert.Contains("do not support", result.Summary, StringComparison.Ordinal);
        Assert.True(Inputs.Run("privacy.dp_accountant", Claiming(2.5)).Value("claim_shortfall") < 0);
    }

    /// <summary>Three leaves of 6, 3 and 1 training rows, counted by hand.</summary>
    [Fact]
    public void LeafDisclosure_SmallTree_CountsByHand()
    {
        float[] x = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
        double[] y = [0, 1, 0, 1, 0, 1, 1, 1, 1, 0];
        var table = new DataTable([new Float32Column("x", ColumnRole.Feature, x), new Float64Column("label", ColumnRole.Label, y)]);
        var model = BoostedTrees.Fit(FeatureMatrix.Of(table, ["x"]), y, new BoostedTreesSettings(Rounds: 1, Depth: 2, MinLeafRows: 1), 1, TestContext.Current.CancellationToken);
        var input = new CheckInput { Evaluation = table, Training = table, Model = model, Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = new Dictionary<string, string>() };
        var result = Inputs.Run("privacy.leaf_disclosure", input);

        Assert.Equal(1, result.Value("min_leaf_rows"));
        Assert.Equal(3, result.Value("small_leaves"));
        Assert.Equal(1.0 / 3, result.Value("pure_leaf_share"));
        Assert.Equal(0.3, result.Value("rows_in_pure_leaves"), 1e-12);
        Assert.Equal(0.1, result.Value("rows_with_unique_score"), 1e-12);
    }

    /// <summary>The outcome ties the secret to another feature in a way that the model knows and an attacker does not find alone.</summary>
    [Fact]
    public void AttributeInference_ModelKnowsSecret_AdvantageOnlyThere()
    {
        var result = Inputs.Run("privacy.attribute_inference", Secret(learnable: true));
        Assert.True(result.Get("advantage", "feature=secret").Lower > 0.1, result.Summary);
        Assert.True(result.Get("advantage", "feature=secret").AdjustedPValue < 0.001);
        Assert.True(result.Get("advantage", "feature=other").Lower < 0.03);
        Assert.Equal("feature=secret.", result.Get("max_advantage").Note);
        Assert.True(result.Get("memorisation", "feature=secret").Upper < 0.25);
    }

    /// <summary>Outcomes are noise, so whatever the model tells it remembers: an advantage on training rows that others do not share.</summary>
    [Fact]
    public void AttributeInference_ModelRemembers_Memorisation()
    {
        var result = Inputs.Run("privacy.attribute_inference", Secret(learnable: false));
        Assert.True(result.Get("advantage", "feature=secret").Lower > 0.05, result.Summary);
        Assert.True(result.Get("memorisation", "feature=secret").Lower > 0.05, result.Summary);
    }

    /// <summary>Two classes of two rows and one row alone; the outcome is known in one of the classes.</summary>
    [Fact]
    public void TableDisclosure_FiveRows_CountsByHand()
    {
        var table = new DataTable([
            new Float32Column("a", ColumnRole.Feature, new float[] { 1, 1, 2, 2, 3 }), Inputs.Category("sex", ["f", "f", "m", "m", "m"]),
            new Float64Column("label", ColumnRole.Label, new double[] { 0, 1, 1, 1, 0 }),
        ]);
        var input = new CheckInput { Evaluation = table, Model = new LinearScorer(["a"], [1], 0), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = Inputs.References };
        var result = Inputs.Run("privacy.table_disclosure", input);
        Assert.Equal(1, result.Value("k_anonymity"));
        Assert.Equal(1, result.Value("exposed_rows"));
        Assert.Equal(0.2, result.Value("unique_rows"));
        Assert.Equal(1, result.Value("l_diversity"));
        Assert.Equal(0.6, result.Value("rows_of_known_outcome"), 1e-12);
        Assert.Equal(0.6, result.Value("t_closeness"), 1e-12);
        Assert.Equal(0.2, result.Value("unicity"), 1e-12);
    }

    [Theory]
    [InlineData("write to anna.lee@example.org please", "e-mail address")]
    [InlineData("GB82 WEST 1234 5698 7654 32", "IBAN")]
    [InlineData("GB82 WEST 1234 5698 7654 33", null)]
    [InlineData("4111 1111 1111 1111", "payment card")]
    [InlineData("4111 1111 1111 1112", null)]
    [InlineData("078-05-1120", "social security number")]
    [InlineData("host 192.168.10.254", "IP address")]
    [InlineData("999.1.1.1", null)]
    [InlineData("+44 20 7946 0018", "telephone number")]
    [InlineData("1984-02-29", "date of birth or other full date")]
    [InlineData("north", null)]
    [InlineData("row 17", null)]
    [InlineData("", null)]
    public void Patterns_Texts_KindOrNothing(string text, string? kind)
    {
        var found = PersonalDataPatterns.Find(text);
        Assert.Equal(kind, found < 0 ? null : PersonalDataPatterns.Kinds[found]);
    }

    [Theory]
    [InlineData("customer_email", "email")]
    [InlineData("DateOfBirth", "Birth")]
    [InlineData("home-phone", "phone")]
    [InlineData("filename_count", null)]
    [InlineData("shipping", null)]
    public void Patterns_Names_WordOrNothing(string name, string? word) => Assert.Equal(word, PersonalDataPatterns.Announces(name));

    [Fact]
    public void PersonalData_EmailsInOneColumn_CountedNotShown()
    {
        var table = new DataTable([
            new Float32Column("x", ColumnRole.Feature, new float[] { 1, 2, 3, 4 }), new TextColumn("contact", ColumnRole.Ignored, ["a@example.org", "", "none", "b@example.org"]),
            new Float64Column("account", ColumnRole.Weight, new double[] { 4111111111111111, 1, 2, 3 }),
        ]);
        var input = new CheckInput { Evaluation = table, Model = new LinearScorer(["x"], [1], 0), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = Inputs.References };
        var result = Inputs.Run("privacy.personal_data", input);
        Assert.Equal(0.5, result.Value("identifier_rate", "column=contact"));
        Assert.Equal(0.25, result.Value("identifier_rate", "column=account"));
        Assert.Equal(2, result.Value("columns_with_identifiers"));
        Assert.DoesNotContain("@", System.Text.Encoding.UTF8.GetString(Core.GovernanceJson.Serialize(result)), StringComparison.Ordinal);
    }

    private static CheckInput Claiming(double epsilon) => new()
    {
        Evaluation = Inputs.ScoredTable(0, [0, 1]),
        Model = new StoredScorer([0.1, 0.2]),
        Threshold = 0.5,
        FavourablePrediction = 0,
        ReferenceGroups = Inputs.References,
        Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>>
        {
            ["privacy.dp_accountant"] = new Dictionary<string, double> { ["claimed_epsilon"] = epsilon, ["noise_multiplier"] = 0.7, ["sampling_rate"] = 0.01, ["steps"] = 120 },
        },
    };

    /// <summary>Labels that are nearly noise; the model is fitted to the training half.</summary>
    private static CheckInput Fitted(BoostedTreesSettings settings, params (string Check, string Name, double Value)[] parameters)
    {
        var training = Noise(1, 300);
        var labels = ((Float64Column)training["label"]).Values.ToArray();
        return new CheckInput
        {
            Evaluation = Noise(2, 300),
            Training = training,
            Model = BoostedTrees.Fit(FeatureMatrix.Of(training, ["a", "b"]), labels, settings, 1, TestContext.Current.CancellationToken),
            Recipe = new Recipe(settings),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = Inputs.References,
            Seed = 3,
            Parameters = parameters.ToDictionary(p => p.Check, p => (IReadOnlyDictionary<string, double>)new Dictionary<string, double> { [p.Name] = p.Value }),
        };
    }

    private static DataTable Noise(long seed, int rows)
    {
        var random = SplitMix64.For(seed, 4);
        float[] a = new float[rows], b = new float[rows];
        var y = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            (a[i], b[i]) = ((float)random.NextNormal(), (float)random.NextNormal());
            y[i] = random.NextUniform() < 0.5 + (0.1 * Math.Sign(a[i])) ? 1 : 0;
        }

        return new DataTable([new Float32Column("a", ColumnRole.Feature, a), new Float32Column("b", ColumnRole.Feature, b), new Float64Column("label", ColumnRole.Label, y)]);
    }

    private static CheckInput Secret(bool learnable)
    {
        DataTable Table(long seed)
        {
            var random = SplitMix64.For(seed, 5);
            float[] secret = new float[1500], other = new float[1500], noise = new float[1500];
            var y = new double[1500];
            for (var i = 0; i < y.Length; i++)
            {
                (secret[i], other[i], noise[i]) = (random.NextBelow(2), random.NextBelow(2), (float)(12 * random.NextUniform()));
                y[i] = learnable ? ((int)noise[i] + (int)secret[i]) % 2 : random.NextBelow(2);
            }

            return new DataTable([
                new Float32Column("secret", ColumnRole.Feature, secret), new Float32Column("other", ColumnRole.Feature, other), new Float32Column("noise", ColumnRole.Feature, noise), new Float64Column("label", ColumnRole.Label, y),
            ]);
        }

        var training = Table(1);
        return new CheckInput
        {
            Evaluation = Table(2),
            Training = training,
            Model = BoostedTrees.Fit(FeatureMatrix.Of(training, ["secret", "other", "noise"]), ((Float64Column)training["label"]).Values.Span,
                new BoostedTreesSettings(Rounds: 100, Depth: 7, LearningRate: 0.3, MinLeafRows: 1, Bins: 255), 1, TestContext.Current.CancellationToken),
            Threshold = 0.5,
            FavourablePrediction = 0,
            ReferenceGroups = Inputs.References,
            Seed = 3,
        };
    }

    private sealed class Recipe(BoostedTreesSettings settings) : ITrainer
    {
        public string Name => "the audited model's own";

        public IScorer Fit(FeatureMatrix data, ReadOnlySpan<double> labels, long seed, CancellationToken cancellationToken) => BoostedTrees.Fit(data, labels, settings, seed, cancellationToken);
    }
}
