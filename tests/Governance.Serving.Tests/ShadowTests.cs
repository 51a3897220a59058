using Governance.Core;
using Governance.Core.State;
using Governance.Serving.Recording;
using Governance.Serving.Routing;
using Governance.Serving.Tests.Support;
using Governance.Testing;

namespace Governance.Serving.Tests;

/// <summary>What shadows see, keep and never do.</summary>
public sealed class ShadowTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answered_request_is_mirrored_after_its_answer_recorded_as_such_and_erased_with_its_subject()
    {
        using var folder = new TempFolder();
        await using var room = ServingRoom.Open(folder);
        var answered = await room.AnswerAsync(ServingRoom.Call("r-1", "CO-1", 0.7f), Shadowed());
        Assert.Equal(1, room.Log.Size);

        await MirrorAsync(room, 1);

        Assert.Equal(2, room.Log.Size);
        var entry = GovernanceJson.Deserialize<InferenceEntry>(room.Log.Reader.Read(1));
        Assert.Equal((InferenceEntry.ShadowEntryType, InferenceEntry.Shadowed, 2, 1L), (entry.Type, entry.Status, entry.Version, entry.Promotion));
        Assert.Equal(InferenceEntry.EntryType, GovernanceJson.Deserialize<InferenceEntry>(room.Log.Reader.Read(answered.FirstIndex)).Type);
        Assert.DoesNotContain("CO-1", System.Text.Encoding.UTF8.GetString(room.Log.Reader.Read(1)), StringComparison.Ordinal);
        Assert.Equal(2, room.Payloads.Erase(Subjects.Key("CO-1")).Count);
    }

    [Fact]
    public async Task What_is_not_answered_is_not_mirrored()
    {
        using var folder = new TempFolder();
        await using var room = ServingRoom.Open(folder, model: _ => throw new ScoringException(ScoringException.ModelFailed, "No."));
        Assert.IsType<InferenceOutcome.Failed>(await room.AskAsync(ServingRoom.Call(null, "CO-1", 0.7f), Shadowed()));
        room.Shadows.Offer(ServingRoom.Call(null, "CO-2", 0.7f), Shadowed(), ServingRoom.Bank);
        await MirrorAsync(room, 1);
        Assert.Equal((0, 1, 0), (room.Shadows.Mirrored, room.Shadows.Failed, room.Shadows.Dropped));
    }

    [Fact]
    public async Task Shadows_that_fall_behind_drop_requests_and_count_them_while_answers_go_on()
    {
        using var folder = new TempFolder();
        await using var room = ServingRoom.Open(folder);
        var call = ServingRoom.Call(null, "CO-1", 0.7f);
        for (var i = 0; i < 2_000; i++)
        {
            room.Shadows.Offer(call, Shadowed(), ServingRoom.Bank);
        }

        Assert.Equal(2_000 - 1_024, room.Shadows.Dropped);
        await room.AnswerAsync(call, Shadowed());
        Assert.Equal(2_000 - 1_023, room.Shadows.Dropped);
        await MirrorAsync(room, 1_024);
        Assert.Equal(1_025, room.Log.Size);
    }

    private static RouteOutcome.Serves Shadowed()
    {
        var route = ServingRoom.Route();
        return route with { Shadows = [route.Version with { Submission = route.Version.Submission with { Number = 2 } }] };
    }

    /// <summary>Lets the shadows work until so many are done.</summary>
    private static async Task MirrorAsync(ServingRoom room, long done)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var working = room.Shadows.RunAsync(stop.Token);
        while (room.Shadows.Mirrored + room.Shadows.Failed < done && !working.IsFaulted)
        {
            await Task.Delay(5, limit.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => working);
    }
}
