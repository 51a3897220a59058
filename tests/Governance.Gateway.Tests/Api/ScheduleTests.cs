using System.Net;
using Governance.Core.Decisions;
using Governance.Gateway.Schedules;
using Governance.Storage.Database;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>The work of the calendar on one gateway. Several gateways: see the end-to-end tests.</summary>
public sealed class ScheduleTests(LenderFixture lender)
{
    private const string Schedules = "/api/v1/schedules";

    [Fact]
    public async Task Schedules_are_listed_run_out_of_turn_paused_with_a_reason_and_resumed()
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path, "Schedules:Cron:reminders=0 0 7 * * ?");
        var listed = (await gateway.ReadAsync(Schedules))["items"]!.AsArray().ToDictionary(s => s!["name"]!.GetValue<string>(), s => s!);
        Assert.Equal(["key-roll", "lapses", "monitors", "reminders", "revalidation"], listed.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("0 0 7 * * ?", listed["reminders"]["cron"]!.GetValue<string>());
        Assert.All(listed.Values, s => Assert.True(s["next"]!.GetValue<DateTimeOffset>() > DateTimeOffset.UtcNow.AddMinutes(-1)));
        Assert.True(listed["monitors"]["everyNode"]!.GetValue<bool>());
        Assert.False(listed["revalidation"]["everyNode"]!.GetValue<bool>());

        (await gateway.PostAsync(Schedules + "/revalidation/run", new { }, "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync(Schedules + "/revalidation/pause", new { reason = "Move" }, "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync(Schedules + "/revalidation/pause", new { reason = " " }, "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "reason-required");
        (await gateway.PostAsync(Schedules + "/nothing/run", new { }, "victor")).MustBe(HttpStatusCode.NotFound, "schedule-unknown");
        (await gateway.PostAsync(Schedules + "/revalidation/resume", new { }, "victor")).MustBe(HttpStatusCode.Conflict, "schedule-not-paused");

        var paused = (await gateway.PostAsync(Schedules + "/revalidation/pause", new { reason = "The cluster is moved." }, "victor")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal("The cluster is moved.", paused["paused"]!.GetValue<string>());
        var before = await LastAsync(gateway, "revalidation");
        (await gateway.PostAsync(Schedules + "/revalidation/run", new { }, "victor")).MustBe(HttpStatusCode.Accepted);
        await UntilAsync(async () => await LastAsync(gateway, "revalidation") is { } last && last != before);
        Assert.Null((await gateway.PostAsync(Schedules + "/revalidation/resume", new { }, "victor")).MustBe(HttpStatusCode.OK).Json["paused"]);
    }

    [Fact]
    public async Task What_is_due_on_a_paused_schedule_is_left_out()
    {
        using var folder = new TempFolder();
        var work = new Counting();
        await using var gateway = await StartAsync(folder, work);
        await UntilAsync(() => Task.FromResult(work.Runs >= 2));
        (await gateway.PostAsync(Schedules + "/counting/pause", new { reason = "Quiet." }, "victor")).MustBe(HttpStatusCode.OK);
        var atPause = work.Runs;
        var next = (await gateway.ReadAsync(Schedules + "/counting"))["next"]!.GetValue<DateTimeOffset>();
        await UntilAsync(async () => (await gateway.ReadAsync(Schedules + "/counting"))["next"]!.GetValue<DateTimeOffset>() > next.AddSeconds(2));
        Assert.InRange(work.Runs, atPause, atPause + 1);
    }

    [Fact]
    public async Task Work_that_fails_is_tried_again_and_then_recorded()
    {
        using var folder = new TempFolder();
        var work = new Counting { Fails = true, Cron = "0 0 0 1 1 ?" };
        await using var gateway = await StartAsync(folder, work);
        await UntilAsync(async () => (await gateway.ReadAsync(Schedules + "/counting"))["failure"] is not null);
        Assert.Equal(4, work.Runs);
        var seen = await gateway.ReadAsync(Schedules + "/counting");
        Assert.Equal("failed", seen["outcome"]!.GetValue<string>());
        Assert.Equal(4, seen["failure"]!["attempts"]!.GetValue<int>());
        Assert.DoesNotContain("secret", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("schedule.failed.v1", await TypesAsync(gateway));
    }

    [Fact]
    public async Task A_serving_version_is_revalidated_at_the_age_the_policy_says_and_reminders_are_recorded_once()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var later = new ManualTime(DateTimeOffset.UtcNow.AddDays(352));
        await using var gateway = await TestGateway.StartAsync(copy.Path, later);
        var governor = gateway.Services.GetRequiredService<Governor>();
        await UntilAsync(async () => await LastAsync(gateway, "reminders") is not null);
        var champion = governor.State.Model(Lender.Model)!.Champion!;
        Assert.NotEmpty(champion.Reminders);
        Assert.Empty(champion.Reminders.Keys.Except(champion.Evidence.Keys.Select(c => "evidence-expires:" + c)));

        await UntilAsync(() => Task.FromResult(governor.State.Model(Lender.Model)!.Champion!.Runs.Exists(r => r.StartedBy == "system")));
        var run = governor.State.Model(Lender.Model)!.Champion!.Runs.Single(r => r.StartedBy == "system");
        Assert.True(run.NoCache);
        Assert.Equal(champion.Evidence.Keys, run.Checks.Order(StringComparer.Ordinal));

        var recorded = governor.State.Position;
        var before = await LastAsync(gateway, "reminders");
        later.Advance(TimeSpan.FromSeconds(1));
        (await gateway.PostAsync(Schedules + "/reminders/run", new { }, "victor")).MustBe(HttpStatusCode.Accepted);
        await UntilAsync(async () => await LastAsync(gateway, "reminders") != before);
        Assert.Equal(champion.Reminders, governor.State.Model(Lender.Model)!.Champion!.Reminders);
        Assert.DoesNotContain("deadline.reminded.v1", await TypesAsync(gateway, recorded));
    }

    /// <summary>The tables that the script makes are the library's own.</summary>
    [Theory]
    [InlineData(DatabaseKind.PostgreSql, "postgres")]
    [InlineData(DatabaseKind.SqlServer, "sqlServer")]
    public void The_tables_are_those_of_the_scheduler_library(DatabaseKind kind, string dialect)
    {
        using var stream = typeof(Quartz.IScheduler).Assembly.GetManifestResourceStream($"Quartz.Impl.AdoJobStore.Schema.create_{dialect}.sql")!;
        using var reader = new StreamReader(stream);
        var own = reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n--;;\n")[1..].Select(s => s.Trim().Replace("{0}", ScheduleTables.Prefix, StringComparison.Ordinal).Replace("{1}", "qrtz_", StringComparison.Ordinal));
        var ours = ScheduleTables.Script(kind);
        Assert.Equal(string.Join("\n\n", own), ours[(ours.IndexOf("\n\n", StringComparison.Ordinal) + 2)..].Trim());
    }

    [Fact]
    public async Task A_schedule_that_does_not_exist_or_a_time_that_is_none_stops_the_start()
    {
        var (exit, error) = await GatewayProgram.RunAsync("Development", ["--Gateway:Schedules:Cron:lapses=soon", "--Gateway:Schedules:RetryAfter=00:00:00"], TestContext.Current.CancellationToken);
        Assert.Equal(78, exit);
        Assert.Contains("Gateway:Schedules:Cron:lapses", error, StringComparison.Ordinal);
        Assert.Contains("Gateway:Schedules:RetryAfter", error, StringComparison.Ordinal);
    }

    private static Task<TestGateway> StartAsync(TempFolder folder, Counting work) => TestGateway.StartAsync(
        folder.Path, TimeProvider.System, services => services.AddSingleton<IScheduledWork>(work), "Schedules:RetryAfter=00:00:01");

    private static async Task<string?> LastAsync(TestGateway gateway, string schedule) => (await gateway.ReadAsync($"{Schedules}/{schedule}"))["last"]?.GetValue<string>();

    private static async Task<List<string>> TypesAsync(TestGateway gateway, long from = 0) =>
        [.. (await gateway.ReadAsync("/api/v1/ledger/logs/governance/entries?order=desc&pageSize=200"))["items"]!.AsArray()
            .Where(e => e!["index"]!.GetValue<long>() >= from).Select(e => e!["type"]!.GetValue<string>())];

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private sealed class Counting : IScheduledWork
    {
        private int runs;

        public bool Fails { get; init; }

        public string Cron { get; init; } = "* * * * * ?";

        public int Runs => Volatile.Read(ref runs);

        public Schedule Schedule => new("counting", "Counts", Cron, ScheduleScope.Shared, MissedTimes.Skip);

        public Task RunAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref runs);
            return Fails ? throw new InvalidOperationException("a secret") : Task.CompletedTask;
        }
    }
}
