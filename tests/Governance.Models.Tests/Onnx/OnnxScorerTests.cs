using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;

namespace Governance.Models.Tests.Onnx;

public sealed class OnnxScorerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1024)]
    [InlineData(2500)]
    public void Score_AnyNumberOfRows_AgreesWithTheFormula(int rows)
    {
        using var scorer = new OnnxScorer(TestModel.Scan(TestModel.Valid()).Model!, TestModel.Features);
        var features = Enumerable.Range(0, rows * 2).Select(i => (float)Math.Sin(i)).ToArray();
        var scores = new double[rows];

        scorer.Score(features, scores, Token);

        Assert.All(scores.Index(), s => Assert.Equal(1 / (1 + Math.Exp(0.25 - (0.5 * features[2 * s.Index]) + (1.5 * features[(2 * s.Index) + 1]))), s.Item, 1e-6));
    }

    [Fact]
    public void Score_NoRows_IsNothing()
    {
        using var scorer = new OnnxScorer(TestModel.Scan(TestModel.Valid()).Model!, TestModel.Features);

        scorer.Score([], [], Token);
    }

    [Fact]
    public void Score_BatchFixedAtOne_GoesRowByRow()
    {
        var scan = TestModel.Scan(m =>
        {
            m.Graph.Input[0].Type.TensorType.Shape.Dim[0] = TestModel.Size(1);
            m.Graph.Output[0].Type.TensorType.Shape.Dim[0] = TestModel.Size(1);
            m.Graph.Output[1].Type.TensorType.Shape.Dim[0] = TestModel.Size(1);
        });
        using var scorer = new OnnxScorer(scan.Model!, TestModel.Features);
        var scores = new double[3];

        scorer.Score([0, 0, 1, 0, 0, 1], scores, Token);

        Assert.Equal([0.4378235, 0.5621765, 0.1480472], scores.Select(s => Math.Round(s, 7)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Score_InputThatMakesNaN_IsATypedRefusal(float value)
    {
        using var scorer = new OnnxScorer(TestModel.Scan(TestModel.Valid()).Model!, TestModel.Features);

        var refusal = Assert.Throws<ModelOutputException>(() => scorer.Score([value, value], new double[1], Token));

        Assert.Contains("NaN", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_OutputThatIsNoProbability_IsATypedRefusal()
    {
        var scan = TestModel.Scan(m => m.Graph.Node[0].Attribute.Single(a => a.Name == "post_transform").S = Google.Protobuf.ByteString.CopyFromUtf8("NONE"));
        using var scorer = new OnnxScorer(scan.Model!, TestModel.Features);

        var refusal = Assert.Throws<ModelOutputException>(() => scorer.Score([50, 0], new double[1], Token));

        Assert.Contains("sigmoid", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_WrongLength_IsRefusedByCounts()
    {
        using var scorer = new OnnxScorer(TestModel.Scan(TestModel.Valid()).Model!, TestModel.Features);

        Assert.Contains("2 rows of 2 features", Assert.Throws<ArgumentException>(() => scorer.Score(new float[3], new double[2], Token)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_Cancelled_Stops()
    {
        using var scorer = new OnnxScorer(TestModel.Scan(TestModel.Valid()).Model!, TestModel.Features);

        Assert.Throws<OperationCanceledException>(() => scorer.Score(new float[2], new double[1], new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("income")]
    [InlineData("income,debt,age")]
    [InlineData("income,income")]
    public void Create_FeaturesThatDoNotFit_AreRefused(string features) =>
        Assert.Throws<ModelRefusedException>(() => new OnnxScorer(TestModel.Scan(TestModel.Valid()).Model!, features.Split(',')));

    [Fact]
    public void Create_ModelRuntimeRefuses_IsATypedRefusal()
    {
        var scan = TestModel.Scan(m => m.Graph.Node[0].Input[0] = "nowhere");

        var refusal = Assert.Throws<ModelRefusedException>(() => new OnnxScorer(scan.Model!, TestModel.Features));

        Assert.Contains("ONNX Runtime refuses", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Signature_ThatCannotBeTold_SaysWhatToChange()
    {
        var spoils = new (Action<ModelProto> Spoil, string Says)[]
        {
            (m => m.Graph.Input.Add(m.Graph.Input[0].Clone()), "one input"),
            (m => m.Graph.Input[0].Type.TensorType.ElemType = 11, "one input"),
            (m => m.Graph.Input[0].Type.TensorType.Shape.Dim[0] = TestModel.Size(32), "one input"),
            (m => m.Graph.Output.RemoveAt(1), "probability of label 1"),
            (m => m.Graph.Output[1].Type.TensorType.Shape.Dim[1] = TestModel.Size(3), "probability of label 1"),
            (m => m.Graph.Node[0].Attribute.Single(a => a.Name == "classlabels_ints").Ints[0] = 2, "0 and 1, in this order"),
            (m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "classlabels_strings", Strings = { Google.Protobuf.ByteString.CopyFromUtf8("good") } }), "words"),
        };

        Assert.All(spoils, s =>
        {
            var scan = TestModel.Scan(s.Spoil);
            Assert.Contains(s.Says, Assert.Throws<ModelRefusedException>(() => new OnnxScorer(scan.Model!, TestModel.Features)).Message, StringComparison.Ordinal);
        });
    }
}
