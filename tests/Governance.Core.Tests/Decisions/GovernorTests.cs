using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Decisions;

public sealed class GovernorTests
{
    private static readonly RegisterModel Register = new(Samples.Model());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_key_with_the_same_body_gives_the_events_of_then_and_appends_nothing()
    {
        using var world = await World.WithEvidenceAsync();
        var key = new RequestKey("k1", Samples.D("body"));
        var promote = new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion);
        var first = await world.AcceptAsync(promote, People.Olivia, key);
        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);
        var before = world.Store.Events.Count;

        var again = Assert.IsType<CommandOutcome.Accepted>(await world.ExecuteAsync(promote, People.Olivia, key));

        Assert.True(again.Replayed);
        Assert.Equal(GovernanceJson.Serialize(first), GovernanceJson.Serialize(again.Events));
        Assert.Equal(first.Select(e => e.Position), again.Events.Select(e => e.Position));
        Assert.Equal(before, world.Store.Events.Count);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        using var world = new World();
        await world.AcceptAsync(Register, People.Dana, new RequestKey("k1", Samples.D("body")));
        var outcome = await world.ExecuteAsync(new RegisterModel(Samples.Model("other")), People.Dana, new RequestKey("k1", Samples.D("other body")));
        Assert.Equal("idempotency-key-reused", Assert.IsType<CommandOutcome.Refused>(outcome).Refusal.Code);
        Assert.Single(world.Store.Events);
    }

    [Fact]
    public async Task Keys_of_two_callers_do_not_meet()
    {
        using var world = new World();
        await world.AcceptAsync(Register, People.Dana, new RequestKey("k1", Samples.D("a")));
        await world.AcceptAsync(new RegisterModel(Samples.Model("other")), People.Dev2, new RequestKey("k1", Samples.D("b")));
        Assert.Equal(2, world.State.Models.Count);
    }

    [Fact]
    public async Task Keys_survive_a_restart()
    {
        using var world = new World();
        var key = new RequestKey("k1", Samples.D("body"));
        await world.AcceptAsync(Register, People.Dana, key);

        using var restarted = new Governor(world.Store, world.Time, world.Documents);
        await restarted.CatchUpAsync(Token);
        var again = await restarted.ExecuteAsync(Register, People.Dana, world.Gate, key, Token);
        Assert.True(Assert.IsType<CommandOutcome.Accepted>(again).Replayed);
    }

    [Fact]
    public async Task After_a_conflict_it_decides_again_on_what_others_did()
    {
        using var world = await World.WithVersionAsync();
        world.Store.Before = Once(() => world.Store.AppendFromElsewhere("model/" + Samples.ModelId, World.Start, new TierConfirmed(Samples.ModelId, Tier.Two)));

        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);

        Assert.True(world.State.Models[Samples.ModelId].TierConfirmed);
        Assert.Equal([1L, 2, 3, 4], world.Store.Events.Where(e => e.Stream.StartsWith("model/", StringComparison.Ordinal)).Select(e => e.Version).Take(4));
    }

    [Fact]
    public async Task A_decision_that_no_longer_holds_after_a_conflict_is_refused()
    {
        using var world = new World();
        world.Store.Before = Once(() => world.Store.AppendFromElsewhere("model/" + Samples.ModelId, World.Start, new ModelRegistered(Samples.Model())));

        var outcome = await world.ExecuteAsync(Register, People.Dana);

        Assert.Equal("model-exists", Assert.IsType<CommandOutcome.Refused>(outcome).Refusal.Code);
        Assert.Single(world.Store.Events);
    }

    [Fact]
    public async Task Events_of_other_streams_from_elsewhere_are_folded_in_log_order()
    {
        using var world = new World();
        world.Store.Before = Once(() => world.Store.AppendFromElsewhere("dataset/training", World.Start, new DatasetRegistered(Samples.Dataset(DatasetUse.Training))));

        var events = await world.AcceptAsync(Register, People.Dana);

        Assert.Equal(1, events.Single().Position);
        Assert.Equal(2, world.State.Position);
        Assert.Single(world.State.Datasets);
    }

    [Fact]
    public async Task Endless_conflicts_end_in_a_refusal()
    {
        using var world = new World();
        world.Store.Before = () => new AppendOutcome.Conflict(99);
        await world.RefuseAsync(Register, People.Dana, "concurrent-change");
        Assert.InRange(world.Store.Appends, 2, 10);
    }

    [Fact]
    public async Task An_unavailable_store_refuses_and_changes_nothing_and_the_next_try_can_succeed()
    {
        using var world = new World();
        world.Store.Before = () => new AppendOutcome.Unavailable("The disk is full.");
        var key = new RequestKey("k1", Samples.D("body"));

        var refused = Assert.IsType<CommandOutcome.Refused>(await world.ExecuteAsync(Register, People.Dana, key)).Refusal;
        Assert.Equal((RefusalKind.Unavailable, "ledger-unavailable"), (refused.Kind, refused.Code));
        Assert.Contains("The disk is full.", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(0, world.State.Position);
        Assert.Empty(world.State.Requests);

        world.Store.Before = () => null;
        await world.AcceptAsync(Register, People.Dana, key);
    }

    [Fact]
    public async Task A_record_too_large_for_the_store_is_the_caller_s_to_mend()
    {
        using var world = new World();
        world.Store.Before = () => new AppendOutcome.TooLarge(65_535);
        Assert.Equal(RefusalKind.Invalid, (await world.RefuseAsync(Register, People.Dana, "record-too-large")).Kind);
    }

    [Fact]
    public async Task A_clock_that_steps_back_does_not_reorder_the_record()
    {
        using var world = await World.WithModelAsync();
        world.Time.Advance(-TimeSpan.FromHours(3));
        var events = await world.AcceptAsync(Samples.Submission(), People.Dana);
        Assert.All(events, e => Assert.Equal(World.Start, e.Time));

        world.Time.Advance(TimeSpan.FromHours(4));
        Assert.All(await world.AcceptAsync(Samples.Submission("model 2"), People.Dana), e => Assert.Equal(World.Start.AddHours(1), e.Time));
    }

    [Fact]
    public async Task As_of_an_instant_is_the_fold_stopped_there()
    {
        using var world = await World.WithModelAsync();
        var history = new List<(DateTimeOffset Time, byte[] State)> { (World.Start, Json(world.State)) };
        foreach (var file in new[] { "model 1", "model 2" })
        {
            world.Time.Advance(TimeSpan.FromDays(1));
            await world.AcceptAsync(Samples.Submission(file), People.Dana);
            history.Add((world.State.Time, Json(world.State)));
        }

        foreach (var (time, state) in history)
        {
            Assert.Equal(state, Json(await world.Governor.AsOfAsync(time, Token)));
            Assert.Equal(state, Json(await world.Governor.AsOfAsync(time.AddHours(23), Token)));
        }

        Assert.Equal(0, (await world.Governor.AsOfAsync(World.Start.AddTicks(-1), Token)).Position);
        Assert.Same(world.State, await world.Governor.AsOfAsync(DateTimeOffset.MaxValue, Token));
    }

    [Fact]
    public async Task Commands_at_once_are_decided_one_after_the_other()
    {
        using var world = new World();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => world.ExecuteAsync(Register, People.Person("d" + i, Core.Identity.Role.Developer)), Token)));
        Assert.Single(outcomes, o => o is CommandOutcome.Accepted);
        Assert.Single(world.Store.Events);
    }

    private static byte[] Json(Core.State.GovernanceState state) => GovernanceJson.Serialize(state);

    private static Func<AppendOutcome?> Once(Action action)
    {
        var done = false;
        return () =>
        {
            if (!done)
            {
                done = true;
                action();
            }

            return null;
        };
    }
}
