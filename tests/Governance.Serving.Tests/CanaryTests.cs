using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Events;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Serving.Tests;

/// <summary>Who answers a subject, as a function of what was recorded.</summary>
public sealed class CanaryTests
{
    private static readonly RouteCanary Tenth = new(2, 10, "0123456789abcdef", default, 0);

    [Fact]
    public void A_share_holds_its_part_of_the_subjects_and_another_salt_holds_others()
    {
        var subjects = Enumerable.Range(0, 20_000).Select(i => "subject-" + i).ToList();
        var held = subjects.Where(s => CanaryShare.Holds(Tenth, s)).ToList();

        // Binomial with p = 0.1: six standard deviations are 255.
        Assert.InRange(held.Count, 2_000 - 255, 2_000 + 255);
        var other = held.Count(s => CanaryShare.Holds(Tenth with { Salt = "another" }, s));
        Assert.InRange(other, held.Count / 20, held.Count / 5);
    }

    /// <summary>Computed with Python: int.from_bytes(hmac.new(b"salt", b"APP-1", "sha256").digest()[:4], "big") * 100 >> 32, and so on.</summary>
    [Theory]
    [InlineData("APP-1", 7)]
    [InlineData("APP-2", 99)]
    [InlineData("René", 98)]
    public void A_subject_s_place_is_that_of_the_published_function(string subject, int place)
    {
        var canary = Tenth with { Salt = "salt" };
        Assert.False(place > 0 && CanaryShare.Holds(canary with { Percent = place }, subject));
        Assert.True(CanaryShare.Holds(canary with { Percent = place + 1 }, subject));
    }

    [Fact]
    public void A_subject_keeps_its_arm_however_it_is_typed_and_a_larger_share_keeps_whom_it_has() =>
        Prop.ForAll<NonEmptyString, byte>((text, percent) =>
        {
            var subject = text.Get.Trim();
            var small = Tenth with { Percent = 1 + (percent % 98) };
            return CanaryShare.Holds(small, subject) == CanaryShare.Holds(small, " " + subject + " ")
                && (!CanaryShare.Holds(small, subject) || CanaryShare.Holds(small with { Percent = small.Percent + 1 }, subject));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_outside_the_share_is_answered_by_the_canary_alone_or_in_company()
    {
        var route = Serves(Folding.Champion.Fold(Folding.Canary(2, 30)));
        var subjects = Enumerable.Range(0, 200).Select(i => "s" + i).ToList();
        var inside = subjects.Where(s => CanaryShare.Holds(route.Settings.Canary!, s)).ToList();
        var outside = subjects.Except(inside).ToList();
        Assert.NotEmpty(inside);

        Assert.All(inside, s => Assert.Equal((RouteArm.Canary, 2), (route.For(Call(s)).Arm, route.For(Call(s)).Version.Number)));
        Assert.All(outside, s => Assert.Equal((RouteArm.Champion, 1), (route.For(Call(s)).Arm, route.For(Call(s)).Version.Number)));
        Assert.Equal(RouteArm.Canary, route.For(Call(inside[0], inside[1])).Arm);
        Assert.Equal(RouteArm.Champion, route.For(Call(inside[0], outside[0])).Arm);
        var couple = Call(inside[0]) with { CoSubjects = new Dictionary<int, IReadOnlyList<string>> { [0] = [outside[0]] } };
        Assert.Equal(RouteArm.Champion, route.For(couple).Arm);
    }

    [Fact]
    public void The_canary_s_answers_name_the_entry_that_let_it_answer()
    {
        var state = Folding.Champion.Fold(Folding.Canary(2, 99));
        var route = Serves(state);
        Assert.Equal((1, state.Routes[Folding.Model].Decision), (route.Route.Version, route.Route.Decision));
        Assert.Equal((2, state.Position - 1), (route.Canary!.Route.Version, route.Canary.Route.Decision));
    }

    [Fact]
    public void A_caller_names_the_champion_or_nobody()
    {
        var state = Folding.Champion.Fold(Folding.Canary(2, 99));
        Assert.Null(Serves(state, 1).Canary);
        Assert.Equal("not-promoted", Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(state, Folding.Model, 2)).Code);
    }

    [Fact]
    public void A_stopped_route_answers_nothing_until_it_is_started()
    {
        var stopped = Folding.Champion.Fold(Folding.Canary(2, 50), new RouteStopped(Folding.Model, "Wrong letters."));
        var closed = Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(stopped, Folding.Model));
        Assert.Equal("stopped", closed.Code);
        Assert.Contains("Wrong letters.", closed.Detail, StringComparison.Ordinal);
        Assert.NotNull(Serves(stopped.Fold(new RouteStarted(Folding.Model, "Mended."))).Canary);
    }

    [Fact]
    public void A_canary_that_is_stopped_suspended_or_overtaken_answers_nobody()
    {
        var running = Folding.Champion.Fold(Folding.Canary(2, 99));
        Assert.Null(Serves(running.Fold(new CanaryStopped(Folding.Model, 2, "Slow."))).Canary);
        Assert.Null(Serves(running.Fold(new VersionSuspended(Folding.Model, 2, "Drift."))).Canary);
        var overtaken = Serves(running.Fold(Folding.Promoted(3, 1)));
        Assert.Equal((3, true), (overtaken.Version.Number, overtaken.Canary is null));
        Assert.Equal("suspended", Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(running.Fold(new VersionSuspended(Folding.Model, 1, "Drift.")), Folding.Model)).Code);
    }

    [Fact]
    public void Shadows_are_those_that_still_may_and_never_the_version_that_answers()
    {
        var state = Folding.Champion.Fold(new RouteConfigured(Folding.Model, new RouteSettings { Shadows = [2, 3] }));
        Assert.Equal([2, 3], Serves(state).Shadows.Select(v => v.Number));
        var tried = Serves(state.Fold(Folding.Canary(2, 5)));
        Assert.Equal([2, 3], tried.Shadows.Select(v => v.Number));
        Assert.Equal([3], tried.Canary!.Shadows.Select(v => v.Number));
        Assert.Equal([3], Serves(state.Fold(Folding.Promoted(2, 1))).Shadows.Select(v => v.Number));
    }

    [Fact]
    public void A_review_that_alerts_ask_for_holds_for_the_version_with_an_open_one()
    {
        var review = new ReviewRule(ReviewWhen.All, OnAlert: true);
        var quiet = Folding.Champion.Fold(new RouteConfigured(Folding.Model, new RouteSettings { Review = review }), Folding.Canary(2, 50));
        Assert.Equal((null, null), Reviews(quiet));
        var alerted = quiet.Fold(new LiveAlertRaised(Folding.Model, 2, Monitors.Psi, "income", 0.31, 0.25, "Moved."));
        Assert.Equal((null, review), Reviews(alerted));
        Assert.Equal((review, review), Reviews(alerted.Fold(new LiveAlertRaised(Folding.Model, 1, Monitors.Failures, "", 0.31, 0.25, "Fails."))));
        Assert.Equal((null, null), Reviews(quiet.Fold(new LiveAlertRaised(Folding.Model, 1, Monitors.Waiting, "", 31, 25, "Many wait."))));
        Assert.Equal((null, null), Reviews(alerted.Fold(new LiveAlertCleared(Folding.Model, 2, Monitors.Psi, "income"))));

        static (ReviewRule? Champion, ReviewRule? Canary) Reviews(GovernanceState state) => (Serves(state).Settings.Review, Serves(state).Canary!.Settings.Review);
    }

    private static RouteOutcome.Serves Serves(GovernanceState state, int? version = null) => Assert.IsType<RouteOutcome.Serves>(RouteTable.Resolve(state, Folding.Model, version));

    private static InferenceCall Call(params string[] subjects) => new(null, subjects, new float[subjects.Length], subjects.Length);
}
