using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.State;
using Governance.Models.Onnx;
using Governance.Serving.Scoring;

namespace Governance.Serving.Tests;

/// <summary>Models come and go under load, and no call sees it.</summary>
public sealed class ModelPoolTests
{
    private static readonly GovernanceState State = Folding.Fold(GovernanceState.Empty, [Folding.Registered, .. Enumerable.Range(1, 6).Select(n => Folding.Submitted(n))]);
    private static readonly Dictionary<Digest, byte[]> Files = Enumerable.Range(1, 6).Select(Folding.Onnx).ToDictionary(f => Digest.Of(f));

    [Fact]
    public async Task A_model_taken_out_of_the_pool_still_scores_for_who_has_it()
    {
        using var pool = Pool();
        var scorer = pool.Get(Version(1));
        var before = await ScoreAsync(scorer);
        pool.KeepOnly(new HashSet<Digest>());
        Assert.Equal(0, pool.Count);
        Assert.Equal(before, await ScoreAsync(scorer));
        Assert.Equal(1, pool.Count);
        Assert.NotSame(scorer, pool.Get(Version(1)));
    }

    [Fact]
    public async Task The_number_of_models_is_bounded_and_the_one_longest_unused_goes()
    {
        var reads = new List<Digest>();
        using var pool = new ModelPool(d => { reads.Add(d); return Files[d]; }, OnnxLimits.Default, most: 3);
        // Age is counted in loads: before the fourth, 1 and 3 were used since the third, and 2 alone was not.
        foreach (var number in new[] { 1, 2, 3, 1, 4, 1, 3 })
        {
            await ScoreAsync(pool.Get(Version(number)));
            Assert.InRange(pool.Count, 1, 3);
        }

        Assert.Equal([1, 2, 3, 4], reads.Select(d => State.Models[Folding.Model].Versions.Values.Single(v => v.Submission.Artifact == d).Number));
    }

    [Fact]
    public async Task Swapping_models_under_load_fails_no_call_and_mixes_no_answers()
    {
        using var pool = Pool(most: 2);
        var expected = new double[7];
        for (var number = 1; number <= 6; number++)
        {
            expected[number] = await ScoreAsync(pool.Get(Version(number)));
        }

        Assert.Equal(6, expected.Skip(1).Distinct().Count());
        var answering = 1;
        var wrong = new ConcurrentBag<string>();
        var calls = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var number = Volatile.Read(ref answering);
                var score = await ScoreAsync(pool.Get(Version(number)));
                Interlocked.Increment(ref calls);
                if (score != expected[number])
                {
                    wrong.Add($"{number}: {score}");
                }
            }
        }, CancellationToken.None)).ToList();

        for (var swap = 0; swap < 150 || Volatile.Read(ref calls) < 150; swap++)
        {
            var next = 1 + (swap % 6);
            await pool.WarmAsync(Version(next), CancellationToken.None);
            Volatile.Write(ref answering, next);
            pool.KeepOnly(new HashSet<Digest> { Version(next).Submission.Artifact });
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(wrong);
        Assert.InRange(pool.Count, 1, 2);
    }

    private static ModelPool Pool(int most = 64) => new(d => Files[d], OnnxLimits.Default, most);

    private static VersionState Version(int number) => State.Version(Folding.Model, number)!;

    private static async Task<double> ScoreAsync(InProcessScorer scorer)
    {
        var scores = new double[1];
        await scorer.ScoreAsync(new float[] { 0.25f }, 1, scores, CancellationToken.None);
        return scores[0];
    }
}
