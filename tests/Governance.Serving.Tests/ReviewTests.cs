using Governance.Core;
using Governance.Core.Serving;
using Governance.Ledger;
using Governance.Serving.Reviews;
using Governance.Serving.Tests.Support;
using Governance.Testing;

namespace Governance.Serving.Tests;

/// <summary>Which decisions wait for a person, as a fold of the log; and what is given before the disk has it.</summary>
public sealed class ReviewTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ReviewWhen.Adverse, null, "001")]
    [InlineData(ReviewWhen.NearCutoff, 0.1, "010")]
    [InlineData(ReviewWhen.NearCutoff, 0.5, "111")]
    [InlineData(ReviewWhen.All, null, "111")]
    public async Task The_rule_says_which_decisions_wait(ReviewWhen when, double? width, string waits)
    {
        await using var room = ServingRoom.Open(folder);
        var answer = await room.AnswerAsync(ServingRoom.Call("r", "S", 0.1f, 0.45f, 0.9f), ServingRoom.Route(new RouteSettings { Review = new ReviewRule(when, width) }));
        Assert.Equal(waits, string.Concat(answer.Reviews!.Select(w => w ? '1' : '0')));
        Assert.Equal(waits.Count(c => c == '1'), room.Book.OpenCount);
    }

    [Fact]
    public async Task A_withheld_answer_tells_nothing_of_what_waits_also_when_it_is_repeated()
    {
        await using var room = ServingRoom.Open(folder);
        var route = ServingRoom.Route(new RouteSettings { Review = new ReviewRule(ReviewWhen.Adverse, Withhold: true) });
        foreach (var _ in new[] { 1, 2 })
        {
            var answer = await room.AnswerAsync(ServingRoom.Call("r", "S", 0.1f, 0.9f), route);
            Assert.True(answer.Withheld);
            Assert.Equal([Decisions.Favourable, Decisions.Withheld], answer.Told.ToArray());
        }

        Assert.Equal(1, room.Book.OpenCount);
    }

    [Fact]
    public async Task When_too_many_wait_what_needs_a_person_is_not_answered()
    {
        await using var room = ServingRoom.Open(folder, reviews: new ReviewOptions { MostOpen = 2 });
        var route = ServingRoom.Route(new RouteSettings { Review = new ReviewRule(ReviewWhen.Adverse) });
        await room.AnswerAsync(ServingRoom.Call(null, "S", 0.9f), route);
        await room.AnswerAsync(ServingRoom.Call(null, "S", 0.9f), route);
        Assert.Equal("review-queue-full", Assert.IsType<InferenceOutcome.Failed>(await room.AskAsync(ServingRoom.Call(null, "S", 0.9f), route)).Code);
        await room.AnswerAsync(ServingRoom.Call(null, "S", 0.1f), route);
    }

    /// <summary>The book read from the log, whatever snapshot it starts from, is the book that was kept while it was written.</summary>
    [Fact]
    public async Task A_book_read_from_any_snapshot_is_the_one_that_was_kept()
    {
        var snapshots = new List<ReviewSnapshot>();
        string kept;
        await using (var room = ServingRoom.Open(folder))
        {
            var random = new Random(7);
            var route = ServingRoom.Route(new RouteSettings { Review = new ReviewRule(ReviewWhen.Adverse) });
            for (var step = 0; step < 60; step++)
            {
                snapshots.Add(room.Book.Snapshot(room.Log.Size));
                if (random.Next(3) > 0 && room.Book.All() is [var oldest, ..])
                {
                    var entry = new ReviewEntry
                    {
                        Time = DateTimeOffset.UnixEpoch, Route = "credit", Version = 1, Decision = oldest.Decision, Person = "rosa",
                        Act = random.GetItems([ReviewAct.Claimed, ReviewAct.Released, ReviewAct.Confirmed, ReviewAct.Overridden, ReviewAct.Erased], 1)[0],
                    };
                    room.Book.Apply((await room.Log.AppendAsync(GovernanceJson.Serialize(entry), TestContext.Current.CancellationToken)).FirstIndex, entry);
                }

                await room.AnswerAsync(ServingRoom.Call(null, "S", random.NextSingle(), random.NextSingle()), route);
            }

            // What was folded before is folded again: entries count once.
            snapshots.AddRange(snapshots[30..].Select(s => s with { Next = snapshots[30].Next }).ToList());
            kept = Text(room.Book);
            Assert.NotEqual(0, room.Book.Figures().Single().Overridden);
        }

        await using var again = ServingRoom.Open(folder);
        Assert.Equal(kept, Text(again.Book));
        Assert.All(snapshots.Where((_, i) => i % 9 == 0), s => Assert.Equal(kept, Text(ReviewBook.Read(again.Log.Reader, s))));
    }

    [Fact]
    public async Task An_answer_given_before_the_disk_has_it_is_recorded_soon_and_once()
    {
        await using var room = ServingRoom.Open(folder);
        var route = ServingRoom.Route(new RouteSettings { Audit = AuditMode.AsyncBounded });
        var answer = await room.AnswerAsync(ServingRoom.Call("r", "S", 0.1f), route);
        var again = await room.AnswerAsync(ServingRoom.Call("r", "S", 0.1f), route);
        Assert.Equal((0, 1, 0), (again.FirstIndex, room.Log.Size, room.Recorder.Lost));
        Assert.Equal(answer.Leaves, again.Leaves);
        Assert.True(answer.FirstIndex == 0 || await answer.Recording! == 0);
    }

    [Fact]
    public async Task What_waits_for_a_person_is_durable_first_in_every_mode()
    {
        await using var room = ServingRoom.Open(folder);
        var answer = await room.AnswerAsync(
            ServingRoom.Call(null, "S", 0.9f), ServingRoom.Route(new RouteSettings { Audit = AuditMode.AsyncBounded, Review = new ReviewRule(ReviewWhen.All) }));
        Assert.Equal((0, null), (answer.FirstIndex, answer.Recording));
    }

    [Fact]
    public async Task Beyond_the_bound_an_answer_waits_for_the_disk()
    {
        await using var room = ServingRoom.Open(folder, bound: new TakeBound { MostEntries = 1 });
        var answer = await room.AnswerAsync(ServingRoom.Call(null, "S", 0.1f, 0.2f), ServingRoom.Route(new RouteSettings { Audit = AuditMode.AsyncBounded }));
        Assert.Equal((0, null), (answer.FirstIndex, answer.Recording));
    }

    [Fact]
    public async Task A_clock_that_jumps_neither_way_loses_or_repeats_an_answer()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var room = ServingRoom.Open(folder, time);
        var first = await room.AnswerAsync(ServingRoom.Call("r", "S", 0.1f));
        time.Advance(TimeSpan.FromDays(-400));
        Assert.Equal(first.FirstIndex, (await room.AnswerAsync(ServingRoom.Call("r", "S", 0.1f))).FirstIndex);
        await room.AnswerAsync(ServingRoom.Call("s", "S", 0.2f));
        time.Advance(TimeSpan.FromDays(4000));
        Assert.Equal(2, (await room.AnswerAsync(ServingRoom.Call("t", "S", 0.3f))).FirstIndex);
        Assert.Equal(3, room.Log.Size);
    }

    private static string Text(ReviewBook book)
    {
        var snapshot = book.Snapshot(0);
        return GovernanceJson.Serialize(snapshot with { Ended = [.. snapshot.Ended.OrderBy(e => e[0])] }) is var bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "";
    }
}
