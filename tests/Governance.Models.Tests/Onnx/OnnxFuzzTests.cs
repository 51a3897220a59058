using Google.Protobuf;
using Governance.Data;
using Governance.Models.Onnx;
using Governance.Testing;

namespace Governance.Models.Tests.Onnx;

/// <summary>Damaged files: whatever the bytes, the answer is a finding, a typed refusal or a score.</summary>
public sealed class OnnxFuzzTests
{
    [Fact]
    public void Load_RandomBytes_IsAlwaysTyped()
    {
        var random = new SeededRandom(1);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = new byte[random.NextBits() % 200];
            foreach (ref var b in bytes.AsSpan())
            {
                b = (byte)random.NextBits();
            }

            Assert.NotEmpty(OnnxScanner.Scan(bytes, OnnxLimits.Default).Findings);
        }
    }

    [Fact]
    public void Load_OwnModelWithFlippedBytes_IsAlwaysTyped() => Flip(TestModel.Valid().ToByteArray(), TestModel.Features, rounds: 2_000);

    [Theory]
    [Trait("Category", SharedMaterial.Conformance)]
    [InlineData("german_credit", "logistic_regression")]
    [InlineData("german_credit", "mlp")]
    [InlineData("compas", "xgboost")]
    [InlineData("consumer_credit_missing", "random_forest")]
    public async Task Load_CaseModelWithFlippedBytes_IsAlwaysTyped(string name, string model)
    {
        SharedMaterial.SkipUnlessPresent($"cases/{name}/models/{model}.onnx");
        var bytes = await File.ReadAllBytesAsync(Path.Combine(SharedMaterial.Root, "cases", name, "models", model + ".onnx"), TestContext.Current.CancellationToken);
        var width = OnnxScanner.Scan(bytes, OnnxLimits.Default).Model!.Signature.Signature!.FeatureCount;
        Flip(bytes, [.. Enumerable.Range(0, width).Select(i => $"f{i}")], rounds: 200);
    }

    private static void Flip(byte[] whole, string[] features, int rounds)
    {
        var random = new SeededRandom(7);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var flips = 1 + (random.NextBits() % 4); flips > 0; flips--)
            {
                bytes[random.NextBits() % (ulong)bytes.Length] = (byte)random.NextBits();
            }

            TryUse(bytes, features);
        }
    }

    private static void TryUse(byte[] bytes, string[] features)
    {
        if (OnnxScanner.Scan(bytes, OnnxLimits.Default).Model is not { } model)
        {
            return;
        }

        try
        {
            using var scorer = new OnnxScorer(model, features);
            var scores = new double[3];
            scorer.Score(new float[3 * features.Length], scores, TestContext.Current.CancellationToken);
            Assert.All(scores, s => Assert.InRange(s, 0, 1));
        }
        catch (Exception typed) when (typed is ModelRefusedException or ModelOutputException)
        {
            Assert.NotEmpty(typed.Message);
        }
    }
}
