using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Gateway.Runs;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

public sealed class RunQueueTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ManualTime time = new(Start);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Higher_priority_goes_first_and_among_equals_teams_take_turns()
    {
        var queue = Queue(_ => null);
        foreach (var (id, team, priority) in new[]
        {
            ("a1", "a", RunPriority.Normal), ("a2", "a", RunPriority.Normal), ("a3", "a", RunPriority.High), ("b1", "b", RunPriority.Normal), ("b2", "b", RunPriority.Low),
        })
        {
            queue.Enqueue(Run(id, team, priority));
        }

        Assert.Equal(["a3", "b1", "a1", "a2", "b2"], await TakeAsync(queue, 5));
    }

    [Fact]
    public async Task A_run_that_waits_rises_until_nothing_new_overtakes_it()
    {
        var queue = Queue(_ => null);
        queue.Enqueue(Run("old", "a", RunPriority.Low));
        time.Advance(RunQueue.Ageing * 3);
        queue.Enqueue(Run("new", "b", RunPriority.High));
        Assert.Equal(["old", "new"], await TakeAsync(queue, 2));
    }

    [Fact]
    public async Task A_team_with_its_limit_at_work_waits_and_a_run_that_ends_does_not()
    {
        var queue = Queue(team => team == "a" ? 1 : null);
        queue.Enqueue(Run("a1", "a", RunPriority.Normal));
        queue.Enqueue(Run("a2", "a", RunPriority.High));
        queue.Enqueue(Run("a3", "a", RunPriority.Normal));
        queue.Enqueue(Run("b1", "b", RunPriority.Low));
        var first = await queue.DequeueAsync(Token);
        Assert.Equal("a2", first.Id);
        Assert.Equal(["b1"], await TakeAsync(queue, 1));
        var next = queue.DequeueAsync(Token);
        Assert.False(next.IsCompleted);
        queue.Expedite("a3");
        Assert.Equal("a3", (await next).Id);
        queue.Done(first);
        var last = queue.DequeueAsync(Token);
        Assert.False(last.IsCompleted);
        queue.Done(Run("a3", "a", RunPriority.Normal));
        Assert.Equal("a1", (await last).Id);
    }

    /// <summary>Whatever is asked for in the meantime, a run is taken within a bounded number of turns of the clock.</summary>
    [Fact]
    public void Nothing_starves() => Prop.ForAll(
        Gen.Choose(0, 2).ArrayOf(60).ToArbitrary(),
        priorities =>
        {
            var clock = new ManualTime(Start);
            var queue = new RunQueue(model => model, _ => null, clock);
            queue.Enqueue(Run("patient", "patient", RunPriority.Low));
            for (var i = 0; i < priorities.Length; i++)
            {
                queue.Enqueue(Run("other" + i, "other", (RunPriority)priorities[i]));
                clock.Advance(RunQueue.Ageing / 2);
                if (queue.DequeueAsync(Token).GetAwaiter().GetResult().Id == "patient")
                {
                    return i <= 6;
                }
            }

            return false;
        }).QuickCheckThrowOnFailure();

    private RunQueue Queue(Func<string, int?> limitOf) => new(model => model, limitOf, time);

    private static QueuedRun Run(string id, string team, RunPriority priority) =>
        new(team, 1, new RunState(id, ["c"], 1, Start, "dana") { Options = new RunOptions { Priority = priority } });

    private static async Task<List<string>> TakeAsync(RunQueue queue, int count)
    {
        var taken = new List<string>();
        for (var i = 0; i < count; i++)
        {
            taken.Add((await queue.DequeueAsync(Token)).Id);
        }

        return taken;
    }
}
