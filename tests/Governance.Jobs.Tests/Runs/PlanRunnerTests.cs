using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Jobs.Tests.Support;
using Governance.Models.Onnx;

namespace Governance.Jobs.Tests.Runs;

/// <summary>What a run does when its engine misbehaves, shard by shard; the shards that work are real.</summary>
public sealed class PlanRunnerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lost_shards_start_again_and_the_results_are_those_of_a_quiet_run()
    {
        using var quiet = new SmallPlan();
        using var stormy = new SmallPlan();
        var expected = SmallPlan.Digests(await quiet.RunAsync(quiet.Engine()));
        Assert.Equal(4, expected.Count);

        var engine = stormy.Engine((_, start) => start <= 3 ? Act.Lose : Act.Work);
        var outcome = await stormy.RunAsync(engine);
        Assert.Equal(expected, SmallPlan.Digests(outcome));
        Assert.All(engine.Starts.Values, n => Assert.Equal(4, n));
        Assert.Equal(3 * engine.Starts.Count, outcome.Statistics.Retries);
    }

    [Fact]
    public async Task A_shard_that_did_its_work_and_was_then_lost_is_done()
    {
        using var plan = new SmallPlan();
        var engine = plan.Engine((_, _) => Act.WorkThenLose);
        var outcome = await plan.RunAsync(engine);

        Assert.Empty(outcome.Failures);
        Assert.All(engine.Starts.Values, n => Assert.Equal(1, n));
    }

    [Fact]
    public async Task The_next_stage_does_not_wait_for_a_back_end_that_is_slow_to_say_that_the_last_shards_ended()
    {
        using var plan = new SmallPlan();
        var last = plan.Plan.Stages.Select((_, s) => plan.Plan.Stages.Take(s + 1).Sum(stage => stage.Shards.Count) - 1).ToHashSet();
        var engine = plan.Engine((index, _) => last.Contains(index) ? Act.WorkUnnoticed : Act.Work, interval: TimeSpan.FromHours(1));
        var outcome = await plan.RunAsync(engine);

        Assert.Empty(outcome.Failures);
        Assert.Equal(4, outcome.Outcomes.Count);
        Assert.All(engine.Starts.Values, n => Assert.Equal(1, n));
    }

    [Theory]
    [InlineData(Act.Fail, 3, "started in vain 3 times. Exit code 9.")]
    [InlineData(Act.LeaveNothing, 3, "started in vain 3 times. Exit code 0.")]
    [InlineData(Act.Lose, 4, "lost 4 times. The node is gone.")]
    public async Task A_poison_shard_fails_its_checks_with_a_reason_and_no_others(object act, int starts, string reason)
    {
        using var plan = new SmallPlan();
        var poison = plan.Plan.Stages[0].Shards.ToList().FindIndex(s => s.Work.Any(w => w.Check == SmallPlan.RowLocal));
        var hit = plan.Plan.Shards()[poison].Work.Select(w => w.Check).Distinct().ToList();
        var engine = plan.Engine((index, _) => index == poison ? (Act)act : Act.Work);
        var outcome = await plan.RunAsync(engine);

        Assert.Equal(starts, engine.Starts[poison]);
        Assert.Equal(hit.Order(), outcome.Failures.Select(f => f.Check).Order());
        Assert.All(outcome.Failures, f => Assert.Contains(reason, f.Reason, StringComparison.Ordinal));
        Assert.Equal(4 - hit.Count, outcome.Outcomes.Count);
    }

    [Fact]
    public async Task A_silent_shard_is_stopped_and_started_again()
    {
        using var plan = new SmallPlan();
        var engine = plan.Engine((index, start) => index == 0 && start == 1 ? Act.Hang : Act.Work);
        var outcome = await plan.RunAsync(engine, new RetryPolicy { Silence = TimeSpan.FromMilliseconds(20) });

        Assert.Empty(outcome.Failures);
        Assert.Equal([0], engine.Cancelled);
        Assert.Equal(2, engine.Starts[0]);
    }

    [Fact]
    public async Task An_engine_that_is_away_for_a_while_is_asked_again_and_for_too_long_ends_the_run()
    {
        using var plan = new SmallPlan();
        var asked = 0;
        var flaky = plan.Engine(asked: () =>
        {
            if (Interlocked.Increment(ref asked) % 3 != 0)
            {
                throw new EngineException(EngineFault.Unreachable, "slurmrestd's answer is not JSON.");
            }
        });
        Assert.Empty((await plan.RunAsync(flaky)).Failures);
        Assert.All(flaky.Starts.Values, n => Assert.Equal(1, n));

        using var other = new SmallPlan();
        var away = other.Engine(asked: () => throw new EngineException(EngineFault.Unreachable, "Nobody answers."));
        var gone = await Assert.ThrowsAsync<EngineException>(() => other.RunAsync(away, new RetryPolicy { Unreachable = TimeSpan.FromMilliseconds(20) }));
        Assert.Equal(("Nobody answers.", EngineFault.Unreachable), (gone.Message, gone.Fault));

        var refusing = other.Engine(asked: () => throw new EngineException(EngineFault.Refused, "Renew the token."));
        Assert.Equal(EngineFault.Refused, (await Assert.ThrowsAsync<EngineException>(() => other.RunAsync(refusing))).Fault);
    }

    [Fact]
    public async Task After_a_restart_the_running_shards_are_found_and_not_started_twice()
    {
        using var plan = new SmallPlan();
        using var detach = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var engine = plan.Engine((index, _) => index == 0 ? Act.Hang : Act.Work);
        var first = plan.RunAsync(engine, detach: detach);
        await UntilAsync(() => engine.Starts.ContainsKey(0));
        await detach.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Empty(engine.Cancelled);

        await engine.WakeAsync(engine.Submitted.First(), 0);
        var outcome = await plan.RunAsync(engine);
        Assert.Empty(outcome.Failures);
        Assert.All(engine.Starts.Values, n => Assert.Equal(1, n));
    }

    [Fact]
    public async Task Cancelling_stops_the_shards_and_what_they_stored_is_kept()
    {
        using var plan = new SmallPlan();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var last = plan.Plan.Stages[0].Shards.Count - 1;
        var engine = plan.Engine((index, start) => index == last && start == 1 ? Act.Hang : Act.Work);
        var run = plan.RunAsync(engine, cancel: cancel);
        await UntilAsync(() => engine.Starts.ContainsKey(last));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Contains(last, engine.Cancelled);

        var again = await plan.RunAsync(engine);
        Assert.Empty(again.Failures);
        Assert.True(again.Statistics.Hits > 0);
        Assert.All(engine.Starts.Where(s => s.Key < last), s => Assert.Equal(1, s.Value));
    }

    [Fact]
    public async Task What_has_a_result_starts_nothing_until_it_is_forgotten()
    {
        using var plan = new SmallPlan();
        var first = await plan.RunAsync(plan.Engine());
        var engine = plan.Engine();
        var cached = await plan.RunAsync(engine);
        Assert.Empty(engine.Submitted);
        Assert.Equal((cached.Statistics.Items, 0), (cached.Statistics.Hits, cached.Statistics.Computed));

        plan.Jobs.Forget(plan.Plan);
        var fresh = await plan.RunAsync(engine);
        Assert.Equal((0, fresh.Statistics.Items), (fresh.Statistics.Hits, fresh.Statistics.Computed));
        Assert.Equal(SmallPlan.Digests(first), SmallPlan.Digests(fresh));
    }

    [Fact]
    public async Task States_that_are_altered_between_the_stages_are_made_again()
    {
        using var quiet = new SmallPlan();
        using var plan = new SmallPlan();
        var expected = SmallPlan.Digests(await quiet.RunAsync(quiet.Engine()));
        var altered = 0;
        var engine = plan.Engine((index, _) =>
        {
            if (index == plan.Plan.Stages[0].Shards.Count && altered == 0)
            {
                foreach (var file in plan.Stored().ToList())
                {
                    File.AppendAllText(file, "x");
                    altered++;
                }
            }

            return Act.Work;
        });

        Assert.Equal(expected, SmallPlan.Digests(await plan.RunAsync(engine)));
        Assert.True(altered > 3);
    }

    [Fact]
    public async Task Two_different_results_of_one_check_are_a_conflict_and_no_evidence()
    {
        using var plan = new SmallPlan();
        await plan.RunAsync(plan.Engine());
        var outcome = plan.Stored().First(f => File.ReadAllText(f).StartsWith($$"""{"check":"{{SmallPlan.RowLocal}}""", StringComparison.Ordinal));
        var forged = File.ReadAllBytes(outcome).Append((byte)' ').ToArray();
        await File.WriteAllBytesAsync(Path.ChangeExtension(outcome, Core.Digest.Of(forged).Hex), forged, Token);
        var conflicted = await plan.RunAsync(plan.Engine());

        Assert.Contains("Two different results", Assert.Single(conflicted.Failures).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(conflicted.Outcomes, o => o.Check == SmallPlan.RowLocal);
    }

    [Theory]
    [InlineData(1970)]
    [InlineData(2400)]
    public async Task Clocks_of_nodes_do_not_matter(int year)
    {
        using var plan = new SmallPlan();
        var outcome = await plan.RunAsync(plan.Engine(clock: new ManualTime(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero))), new RetryPolicy { Silence = TimeSpan.FromMinutes(1) });

        Assert.Empty(outcome.Failures);
        Assert.All(outcome.Reports, r => Assert.Equal(year, r.Usage.StartedAt.Year));
        Assert.InRange(outcome.Statistics.WallSeconds, 0, 600);
    }

    [Fact]
    public async Task Files_that_are_no_reports_beats_or_tickets_are_passed_over()
    {
        using var plan = new SmallPlan();
        var shards = Path.Combine(plan.Folder.Root, "shards");
        var jobs = Directory.CreateDirectory(Path.Combine(plan.Folder.Root, "jobs")).FullName;
        foreach (var (name, text) in new[] { ("0.a.json", "{\"plan\":"), ("0.b.json", "[]"), ("0.c.json", "null"), ("0.a.beat", "{\"count\":\"many\"}"), ("1.d.json", "\0\0") })
        {
            await File.WriteAllTextAsync(Path.Combine(shards, name), text, Token);
        }

        await File.WriteAllTextAsync(Path.Combine(jobs, "000000.json"), "{\"engine\":\"scripted\"", Token);
        Assert.Empty((await plan.RunAsync(plan.Engine())).Failures);
    }

    [Fact]
    public async Task Two_runs_of_one_plan_take_turns_and_compute_everything_once()
    {
        using var plan = new SmallPlan();
        var (one, other) = (plan.Engine(), plan.Engine());
        var outcomes = await Task.WhenAll(plan.RunAsync(one), plan.RunAsync(other));

        Assert.Equal(SmallPlan.Digests(outcomes[0]), SmallPlan.Digests(outcomes[1]));
        Assert.Equal(outcomes[0].Statistics.Items, outcomes.Sum(o => o.Statistics.Computed));
        Assert.Single(outcomes, o => o.Statistics.Computed == 0);
        Assert.Equal(plan.Stored().Count(), outcomes[0].Statistics.Items);
    }

    [Fact]
    public async Task Later_stages_wait_behind_the_first_where_the_back_end_can()
    {
        using var plan = new SmallPlan();
        var engine = plan.Engine(chains: true);
        var stages = plan.Plan.Stages.Count;
        Assert.Equal(3, stages);
        var outcome = await plan.RunAsync(engine);

        Assert.Empty(outcome.Failures);
        Assert.Equal(stages, engine.Submitted.Count);
        Assert.Equal([null, .. engine.Submitted.Take(stages - 1).Select(j => j.Name)], engine.Submitted.Select(j => j.After));
        Assert.Equal(plan.Plan.Shards().Count, outcome.Reports.Count);
        Assert.All(engine.Starts.Values, n => Assert.Equal(1, n));
    }

    [Fact]
    public async Task Later_stages_are_taken_back_when_the_first_has_trouble()
    {
        using var plan = new SmallPlan();
        var first = plan.Plan.Stages[0].Shards.Count;
        var engine = plan.Engine((index, start) => start > 1 ? Act.Work : index == 0 ? Act.Lose : index >= first ? Act.Hang : Act.Work, chains: true);
        var outcome = await plan.RunAsync(engine);

        Assert.Empty(outcome.Failures);
        Assert.Equal(Enumerable.Range(first, plan.Plan.Shards().Count - first), engine.Cancelled.Order());
        Assert.Contains(engine.Submitted, j => j.Indices.SequenceEqual([0]) && j.After is null);
    }

    [Fact]
    public async Task A_gpu_that_is_required_and_missing_ends_the_checks_with_the_reason()
    {
        Assert.SkipWhen(Provenance.Gpus.Devices.Count > 0, "This machine has a GPU.");
        using var plan = new SmallPlan();
        var (required, preferred) = (With(GpuUse.Require), With(GpuUse.Prefer));
        var refused = await plan.RunAsync(plan.Engine(), plan: required);
        Assert.All(refused.Failures, f => Assert.StartsWith("A GPU is required", f.Reason, StringComparison.Ordinal));
        Assert.Equal(4, refused.Failures.Count);

        var outcome = await plan.RunAsync(plan.Engine(), plan: preferred);
        Assert.All(outcome.Reports, r => Assert.Equal(("cpu", Provenance.Runtime), (r.Usage.Device, r.Usage.Runtime)));
        Assert.Equal(SmallPlan.Digests(await plan.RunAsync(plan.Engine())), SmallPlan.Digests(outcome));

        CheckPlan With(GpuUse use) => plan.Plan with { Resources = plan.Plan.Resources with { GpuUse = use } };
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }
}
