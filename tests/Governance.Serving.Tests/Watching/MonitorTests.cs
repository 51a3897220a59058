using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Serving;
using Governance.Serving.Reviews;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Serving.Tests.Watching;

public sealed class MonitorTests
{
    private static readonly ArmKey Arm = new("credit", 2, RouteArm.Canary);

    [Fact]
    public void A_figure_that_swings_about_its_limit_raises_one_alert() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 30).Select(i => i / 100.0).NonEmptyListOf()), values =>
    {
        var hysteresis = new AlertHysteresis<string>();
        var (open, streak) = (false, 0);
        foreach (var value in values)
        {
            var reading = new MonitorReading("psi", "income", value, 0.2);
            var before = open;
            var change = hysteresis.Next("key", reading, open);
            streak = before ? (reading.Recovered ? streak + 1 : 0) : reading.Breached ? streak + 1 : 0;
            var expected = streak == (before ? AlertHysteresis<string>.ToClear : AlertHysteresis<string>.ToRaise);
            if (expected != (change != AlertChange.None))
            {
                return false;
            }

            (open, streak) = change switch { AlertChange.Raise => (true, 0), AlertChange.Clear => (false, 0), _ => (open, streak) };
        }

        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Too_little_traffic_is_not_judged()
    {
        var figures = new ArmFigures { Arm = Arm, Requests = 20, Rows = 20, Refused = 0, Failed = 20, FailureRate = 0.5, Drift = [new DriftFigure("score", 9, 0.1, 0)] };
        Assert.Empty(Monitors.Read(figures, new MonitorLimits()));
        var reading = Assert.Single(Monitors.Read(figures with { Failed = 40, FailureRate = 2.0 / 3 }, new MonitorLimits()), r => r.Breached);
        Assert.Equal(Monitors.Failures, reading.Monitor);
    }

    [Theory]
    [InlineData(0.30, 0.40, false)]
    [InlineData(0.50, 0.40, true)]
    [InlineData(0.24, 0.10, false)]
    public void An_index_counts_when_it_exceeds_its_limit_and_chance(double index, double critical, bool breached)
    {
        var figures = new ArmFigures { Arm = Arm, Requests = 0, Rows = 200, Refused = 0, Failed = 0, Drift = [new DriftFigure("score", index, critical, 0)] };
        Assert.Equal(breached, Monitors.Read(figures, new MonitorLimits()).Single().Breached);
    }

    [Fact]
    public void Reviews_that_wait_are_pointed_out_and_overrides_once_enough_are_known()
    {
        var few = new ReviewFigures("credit", 1, Open: 0, Confirmed: 30, Overridden: 19);
        Assert.Equal([(Monitors.Waiting, false)], Monitors.Read(few, new MonitorLimits()).Select(r => (r.Monitor, r.Breached)));
        Assert.True(Monitors.Read(few, new MonitorLimits()).Single().Recovered);
        Assert.Equal(
            [(Monitors.Waiting, true), (Monitors.Overrides, true)], Monitors.Read(few with { Open = 1, Overridden = 20 }, new MonitorLimits()).Select(r => (r.Monitor, r.Breached)));
    }

    [Fact]
    public void A_canary_is_taken_back_by_what_its_owner_set_and_not_before_enough_is_known()
    {
        var champion = new ArmFigures { Arm = Arm, Requests = 1000, Rows = 1000, Refused = 0, Failed = 0, AdverseRate = 0.2, FailureRate = 0, P99 = TimeSpan.FromMilliseconds(5) };
        var canary = champion with { Requests = 100, Rows = 100 };
        var rule = new RollbackRule(100, FailureRate: 0.05, AdverseDifference: 0.1, P99Milliseconds: 50);
        Assert.Null(CanaryGuard.Breach(rule, canary, champion));
        Assert.Contains("failed", CanaryGuard.Breach(rule, canary with { FailureRate = 0.06 }, champion), StringComparison.Ordinal);
        Assert.Contains("adverse", CanaryGuard.Breach(rule, canary with { AdverseRate = 0.35 }, champion), StringComparison.Ordinal);
        Assert.Contains("ms", CanaryGuard.Breach(rule, canary with { P99 = TimeSpan.FromMilliseconds(60) }, champion), StringComparison.Ordinal);
        Assert.Null(CanaryGuard.Breach(rule, canary with { Requests = 99, FailureRate = 0.5 }, champion));
    }

    /// <summary>Values by scikit-learn's <c>roc_auc_score</c> and <c>brier_score_loss</c>.</summary>
    [Fact]
    public void Outcomes_have_the_figures_other_tools_give()
    {
        var figures = OutcomeFigures.Of([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
        Assert.Equal((4L, 2L), (figures.Labelled, figures.Positives));
        Assert.Equal(0.75, figures.Auc!.Value, 12);
        Assert.Equal(0.158125, figures.Brier!.Value, 12);
        Assert.Null(OutcomeFigures.Of([0.1], [0]).Auc);
        Assert.Null(OutcomeFigures.Of([], []).Brier);
    }
}
