using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Requests;
using Governance.Serving.Tests.Support;
using Governance.Testing;

namespace Governance.Serving.Tests;

/// <summary>One answer for one request id.</summary>
public sealed class RequestMemoryTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_same_request_has_the_same_answer_and_entry_and_another_one_is_refused()
    {
        await using var room = ServingRoom.Open(folder);
        var first = await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f, 0.75f));
        var size = room.Log.Size;
        var again = await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f, 0.75f));

        Assert.Equal((first.FirstIndex, 2), (again.FirstIndex, again.Leaves.Count));
        Assert.Equal(first.Leaves, again.Leaves);
        Assert.Equal(first.Scores.ToArray(), again.Scores.ToArray());
        Assert.Equal(first.Decisions.ToArray(), again.Decisions.ToArray());
        Assert.Equal(1, again.Replayed!.Version);
        Assert.Equal(size, room.Log.Size);

        foreach (var other in new[]
        {
            ServingRoom.Call("r-1", "S", 0.25f), ServingRoom.Call("r-1", "S", 0.75f, 0.25f), ServingRoom.Call("r-1", "T", 0.25f, 0.75f),
            ServingRoom.Call("r-1", "S", 0.25f, 0.75f) with { Purpose = "other" },
        })
        {
            Assert.Equal((409, "request-id-reused"), Failed(await room.AskAsync(other)));
        }

        Assert.Equal(size, room.Log.Size);
    }

    [Fact]
    public async Task Callers_routes_and_requests_without_an_id_do_not_meet()
    {
        await using var room = ServingRoom.Open(folder);
        var indexes = new List<long>
        {
            (await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.1f))).FirstIndex,
            (await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.2f), caller: ServingRoom.Application("cards-app"))).FirstIndex,
            (await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.3f), ServingRoom.Route(name: "cards"))).FirstIndex,
            (await room.AnswerAsync(ServingRoom.Call(null, "S", 0.1f))).FirstIndex,
            (await room.AnswerAsync(ServingRoom.Call(null, "S", 0.1f))).FirstIndex,
        };
        Assert.Equal([0, 1, 2, 3, 4], indexes);
    }

    [Fact]
    public async Task A_restart_forgets_nothing_within_the_window()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch.AddYears(50));
        InferenceOutcome.Answered old, young;
        await using (var room = ServingRoom.Open(folder, time))
        {
            old = await room.AnswerAsync(ServingRoom.Call("old", "S", 0.1f));
            time.Advance(TimeSpan.FromMinutes(50));
            young = await room.AnswerAsync(ServingRoom.Call("young", "S", 0.9f, 0.1f, 0.5f));
            await room.AnswerAsync(ServingRoom.Call(null, "S", 0.1f));
        }

        time.Advance(TimeSpan.FromMinutes(20));
        await using var again = ServingRoom.Open(folder, time);
        await again.Memory.RecallAsync();
        Assert.Equal(1, again.Memory.Count);
        var replayed = await again.AnswerAsync(ServingRoom.Call("young", "S", 0.9f, 0.1f, 0.5f));
        Assert.Equal((young.FirstIndex, 3), (replayed.FirstIndex, replayed.Scores.Length));
        Assert.Equal((409, "request-id-reused"), Failed(await again.AskAsync(ServingRoom.Call("young", "S", 0.9f))));
        Assert.NotEqual(old.FirstIndex, (await again.AnswerAsync(ServingRoom.Call("old", "S", 0.1f))).FirstIndex);
    }

    [Fact]
    public async Task A_clock_that_is_set_by_years_makes_no_second_answer_and_an_hour_stays_an_hour()
    {
        var time = new Watch();
        await using (var room = ServingRoom.Open(folder, time))
        {
            foreach (var (index, years) in new[] { 0, 5, -9, 6 }.Index())
            {
                time.Set(TimeSpan.FromDays(365 * years));
                Assert.Equal(index, (await room.AnswerAsync(ServingRoom.Call("r-" + index, "S", 0.1f))).FirstIndex);
                Assert.Equal(0, (await room.AnswerAsync(ServingRoom.Call("r-0", "S", 0.1f))).FirstIndex);
            }

            time.Pass(TimeSpan.FromMinutes(61));
            Assert.Equal(4, (await room.AnswerAsync(ServingRoom.Call("r-0", "S", 0.1f))).FirstIndex);
        }

        // What the log says is yet to come was answered at the latest just now.
        time.Set(TimeSpan.FromDays(-365));
        await using var again = ServingRoom.Open(folder, time);
        await again.Memory.RecallAsync();
        Assert.Equal(4, (await again.AnswerAsync(ServingRoom.Call("r-0", "S", 0.1f))).FirstIndex);
        time.Pass(TimeSpan.FromMinutes(61));
        Assert.Equal(5, (await again.AnswerAsync(ServingRoom.Call("r-0", "S", 0.1f))).FirstIndex);
    }

    [Fact]
    public async Task No_more_is_remembered_than_is_stated()
    {
        await using var room = ServingRoom.Open(folder, requests: new RequestMemoryOptions { Most = 3 });
        for (var i = 0; i < 10; i++)
        {
            await room.AnswerAsync(ServingRoom.Call("r-" + i, "S", 0.1f));
        }

        Assert.InRange(room.Memory.Count, 3, 4);
        Assert.Equal(9, (await room.AnswerAsync(ServingRoom.Call("r-9", "S", 0.1f))).FirstIndex);
        Assert.Equal(10, (await room.AnswerAsync(ServingRoom.Call("r-0", "S", 0.1f))).FirstIndex);
    }

    [Fact]
    public async Task An_erased_subject_takes_the_answer_along_and_the_id_is_not_used_again()
    {
        await using (var room = ServingRoom.Open(folder))
        {
            await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.1f));
            room.Payloads.Erase(Subjects.Key("S"));
            Assert.Equal((410, "request-erased"), Failed(await room.AskAsync(ServingRoom.Call("r-1", "S", 0.1f))));
        }

        await using var again = ServingRoom.Open(folder);
        await again.Memory.RecallAsync();
        Assert.Equal(0, again.Memory.Count);
    }

    [Fact]
    public async Task Asked_at_once_from_many_places_it_is_answered_once()
    {
        await using var room = ServingRoom.Open(folder, model: x =>
        {
            Thread.Yield();
            return x;
        });
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f)))));
        Assert.Equal(1, room.Log.Size);
        Assert.Single(answers, a => a.Replayed is null);
        Assert.All(answers, a => Assert.Equal(0, a.FirstIndex));
    }

    [Fact]
    public async Task What_failed_may_be_asked_again_and_is_recorded()
    {
        var broken = true;
        await using var room = ServingRoom.Open(folder, model: x => broken ? throw new ScoringException(ScoringException.ModelFailed, "No score.") : x);
        Assert.Equal((503, "model-failed"), Failed(await room.AskAsync(ServingRoom.Call("r-1", "S", 0.1f))));
        Assert.Contains("\"code\":\"model-failed\"", System.Text.Encoding.UTF8.GetString(room.Log.Reader.Read(0)), StringComparison.Ordinal);
        broken = false;
        Assert.Equal(1, (await room.AnswerAsync(ServingRoom.Call("r-1", "S", 0.1f))).FirstIndex);
    }

    [Fact]
    public async Task Nothing_of_the_id_is_in_the_log()
    {
        await using var room = ServingRoom.Open(folder);
        await room.AnswerAsync(ServingRoom.Call("REQUEST-SECRET", "S", 0.1f));
        var entry = System.Text.Encoding.UTF8.GetString(room.Log.Reader.Read(0));
        Assert.DoesNotContain("REQUEST", entry, StringComparison.Ordinal);
        Assert.DoesNotContain("retry", entry, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("review", entry, StringComparison.OrdinalIgnoreCase);
        await room.Memory.RecallAsync().WaitAsync(Token);
    }

    private static (int Status, string Code) Failed(InferenceOutcome outcome)
    {
        var failed = Assert.IsType<InferenceOutcome.Failed>(outcome);
        return (failed.Status, failed.Code);
    }

    /// <summary>Time passes for the clock and for what is timed; a setting moves the clock alone.</summary>
    private sealed class Watch : TimeProvider
    {
        private DateTimeOffset clock = DateTimeOffset.UnixEpoch.AddYears(50);
        private long passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => clock;

        public override long GetTimestamp() => passed;

        public void Set(TimeSpan by) => clock += by;

        public void Pass(TimeSpan by) => (clock, passed) = (clock + by, passed + by.Ticks);
    }
}
