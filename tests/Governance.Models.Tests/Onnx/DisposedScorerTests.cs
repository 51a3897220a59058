using Governance.Models.Onnx;

namespace Governance.Models.Tests.Onnx;

/// <summary>The runtime's native memory is freed when the last call has returned: a call that is under way, or comes late, never touches what is gone.</summary>
public sealed class DisposedScorerTests
{
    private const int Rows = 4096;
    private static readonly string[] Features = ["a", "b"];

    [Fact]
    public async Task Calls_under_way_are_finished_and_later_ones_are_refused()
    {
        var model = OnnxScanner.Scan(OnnxWriter.Write(new LogisticModel(Features, 0, [1, 2]), "small"), OnnxLimits.Default).Model!;
        float[] rows = [.. Enumerable.Range(0, Rows * Features.Length).Select(i => i % 7 / 7f)];
        var expected = new double[Rows];
        using (var kept = new OnnxScorer(model, Features))
        {
            kept.Score(rows, expected, TestContext.Current.CancellationToken);
        }

        for (var round = 0; round < 100; round++)
        {
            var scorer = new OnnxScorer(model, Features);
            using var begun = new CountdownEvent(3);
            var callers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                var scores = new double[Rows];
                begun.Signal();
                try
                {
                    while (true)
                    {
                        scorer.Score(rows, scores, CancellationToken.None);
                        Assert.Equal(expected, scores);
                    }
                }
                catch (ObjectDisposedException)
                {
                    return true;
                }
            })).ToList();
            begun.Wait(TestContext.Current.CancellationToken);
            scorer.Dispose();
            scorer.Dispose();
            Assert.All(await Task.WhenAll(callers), Assert.True);
        }
    }
}
