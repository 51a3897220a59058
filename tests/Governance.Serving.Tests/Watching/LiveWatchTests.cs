using Governance.Core;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Serving.Tests.Watching;

public sealed class LiveWatchTests
{
    private static readonly DateTimeOffset Noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ArmKey Champion = new("credit", 1, RouteArm.Champion);

    [Fact]
    public async Task Requests_of_many_threads_are_counted_once_each()
    {
        var watch = new LiveWatch();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Ask(watch, 0.9, 0.1);
                if (i % 100 == 0)
                {
                    watch.Close(Noon);
                }
            }
        })));
        watch.NotAnswered("credit", 1, "policy-refused", TimeSpan.Zero);
        watch.NotAnswered("credit", 1, "model-failed", TimeSpan.Zero);
        watch.NotAnswered("made-up", 1, "model-failed", TimeSpan.Zero);
        watch.NotAnswered("credit", null, "model-unknown", TimeSpan.Zero);
        watch.Close(Noon);

        var figures = watch.Figures(Champion, Noon)!;
        Assert.Equal((8000L, 16_000L, 1L, 1L), (figures.Requests, figures.Rows, figures.Refused, figures.Failed));
        Assert.Equal(0.5, figures.AdverseRate);
        Assert.InRange(figures.Median!.Value.TotalMilliseconds, 2.9, 3.1);
        Assert.Equal([Champion], watch.Arms);
    }

    [Fact]
    public void A_window_is_in_the_minutes_or_in_the_hours_and_never_in_both()
    {
        var watch = new LiveWatch();
        for (var minute = 0; minute < 300; minute++)
        {
            Ask(watch, 0.9);
            watch.Close(Noon.AddMinutes(minute));
        }

        Assert.Equal(300, watch.Figures(Champion, Noon)!.Requests);
        Assert.Equal(60, watch.Figures(Champion, Noon.AddMinutes(240))!.Requests);
        var (minutes, hours) = watch.Read(Champion, w => (w.Minutes.Count, w.Hours.Count));
        Assert.Equal((61, 4), (minutes, hours));

        watch.Close(Noon.AddDays(32));
        Assert.Equal(0, watch.Figures(Champion, Noon)!.Requests);
    }

    [Fact]
    public void Few_rows_give_no_shares()
    {
        var watch = new LiveWatch();
        watch.Restore(Champion);
        watch.Use(Champion, Profile());
        for (var i = 0; i < ArmFigures.FewestRows - 1; i++)
        {
            Ask(watch, 0.9);
        }

        watch.Close(Noon);
        var few = watch.Figures(Champion, Noon)!;
        Assert.Null(few.AdverseRate);
        Assert.Null(few.ScoreMean);
        Assert.Empty(few.Drift);

        Ask(watch, 0.9);
        watch.Close(Noon);
        Assert.Equal(1, watch.Figures(Champion, Noon)!.AdverseRate);
    }

    [Fact]
    public void A_clock_that_is_set_has_no_window_show_other_times_than_its_own()
    {
        var watch = new LiveWatch();
        foreach (var (years, rows) in new[] { (0, 30), (5, 40), (0, 50), (-5, 60), (0, 70) })
        {
            Ask(watch, [.. Enumerable.Repeat(0.9, rows)]);
            watch.Close(Noon.AddYears(years));
            Assert.Equal(rows, watch.Figures(Champion, Noon.AddYears(years).AddHours(-1))!.Rows);
        }
    }

    [Fact]
    public void Traffic_like_training_has_a_low_index_and_moved_traffic_a_high_one()
    {
        var watch = new LiveWatch();
        watch.Restore(Champion);
        watch.Use(Champion, Profile());
        for (var i = 0; i < 500; i++)
        {
            Ask(watch, (float)(i % 100), (i % 100) / 100.0);
        }

        watch.Close(Noon);
        var still = watch.Figures(Champion, Noon)!;
        Assert.Equal(["score", "income"], still.Drift.Select(d => d.Variable));
        Assert.All(still.Drift, d => Assert.InRange(d.Index, 0, 0.01));
        Assert.DoesNotContain(Monitors.Read(still, new MonitorLimits()), r => r.Breached);

        for (var i = 0; i < 500; i++)
        {
            Ask(watch, 150, 0.5);
        }

        watch.Close(Noon.AddMinutes(5));
        var moved = watch.Figures(Champion, Noon.AddMinutes(5))!;
        Assert.True(moved.Drift[1].Index > 1, $"{moved.Drift[1]}");
        Assert.Equal(1, moved.Drift[1].Outside);
        Assert.Equal(
            ["psi/score", "psi/income", "out-of-range/income"],
            Monitors.Read(moved, new MonitorLimits()).Where(r => r.Breached).Select(r => $"{r.Monitor}/{r.About}"));
    }

    [Fact]
    public void No_more_arms_are_watched_than_there_is_room_for()
    {
        var watch = new LiveWatch();
        for (var version = 0; version < LiveWatch.MostArms + 10; version++)
        {
            watch.Restore(new ArmKey("credit", version, RouteArm.Champion));
        }

        Assert.Equal(LiveWatch.MostArms, watch.Arms.Count);
    }

    private static WatchProfile Profile() => WatchProfile.Of(
        [.. Enumerable.Range(0, 1000).Select(i => i % 100 / 100.0)], ["income"], [.. Enumerable.Range(0, 1000).Select(i => (float)(i % 100))]);

    private static void Ask(LiveWatch watch, params double[] scores) => Ask(watch, new float[scores.Length], scores);

    private static void Ask(LiveWatch watch, float income, double score) => Ask(watch, [income], [score]);

    private static void Ask(LiveWatch watch, float[] features, double[] scores) => watch.Answered(
        Route, new InferenceCall(null, [.. scores.Select(_ => "S")], features, scores.Length), scores,
        [.. scores.Select(s => Decisions.Of(s, 0.5, favourablePrediction: 0))], TimeSpan.FromMilliseconds(3));

    private static RouteOutcome.Serves Route { get; } = new(
        new RouteState("credit", "credit", 1, Noon, 7),
        new VersionState
        {
            ModelId = "credit",
            Submission = new VersionSubmission
            {
                Number = 1, Artifact = Digest.Of("model"u8), Description = "One", Features = ["income"], TrainingDataset = "t", EvaluationDataset = "e", Threshold = 0.5,
                FavourablePrediction = 0,
            },
            SubmittedBy = "dana",
            SubmittedAt = Noon,
            SubmittedPosition = 1,
        });
}
