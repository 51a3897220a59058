using System.Collections.Concurrent;
using Governance.Serving.Recording;
using Governance.Serving.Requests;
using Governance.Serving.Tests.Support;
using Governance.Testing;

namespace Governance.Serving.Tests;

/// <summary>One answer for one request id on nodes that have memories of their own and share reservations.</summary>
public sealed class SharedRequestMemoryTests : IDisposable
{
    private readonly TempFolder first = new();
    private readonly TempFolder second = new();
    private readonly Reservations shared = new();

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task What_one_node_answered_is_that_nodes_for_all_others()
    {
        await using var a = ServingRoom.Open(first, reservations: shared.Of("a"));
        await using var b = ServingRoom.Open(second, reservations: shared.Of("b"));
        var answer = await a.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f));
        Assert.Equal("a", Elsewhere(await b.AskAsync(ServingRoom.Call("r-1", "S", 0.25f))));
        Assert.Equal("a", Elsewhere(await b.AskAsync(ServingRoom.Call("r-1", "S", 0.75f))));
        Assert.Equal(answer.FirstIndex, (await a.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f))).FirstIndex);
        await b.AnswerAsync(ServingRoom.Call("r-2", "S", 0.25f));
        Assert.Equal("b", Elsewhere(await a.AskAsync(ServingRoom.Call("r-2", "S", 0.25f))));
        Assert.Equal((1, 1), (a.Log.Size, b.Log.Size));
    }

    [Fact]
    public async Task Without_an_id_nothing_is_reserved_and_what_is_remembered_is_not_asked_for()
    {
        await using var a = ServingRoom.Open(first, reservations: shared.Of("a"));
        await a.AnswerAsync(ServingRoom.Call(null, "S", 0.25f));
        Assert.Equal(0, shared.Asked);
        await a.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f));
        await a.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f));
        Assert.Equal(1, shared.Asked);
    }

    [Fact]
    public async Task What_was_not_answered_is_given_free_before_it_is_asked_again()
    {
        var broken = true;
        await using var a = ServingRoom.Open(first, model: x => broken ? throw new ScoringException(ScoringException.ModelFailed, "No score.") : x, reservations: shared.Of("a"));
        await using var b = ServingRoom.Open(second, reservations: shared.Of("b"));
        var at = Assert.IsType<InferenceOutcome.Failed>(await a.AskAsync(ServingRoom.Call("r-1", "S", 0.25f)));
        Assert.Equal("model-failed", at.Code);
        Assert.Empty(shared.Held);
        await b.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f));
        broken = false;
        Assert.Equal("b", Elsewhere(await a.AskAsync(ServingRoom.Call("r-1", "S", 0.25f))));
    }

    [Fact]
    public async Task What_may_be_found_recorded_after_a_crash_stays_the_nodes()
    {
        await using var a = ServingRoom.Open(first, reservations: shared.Of("a"));
        await a.Log.DisposeAsync();
        Assert.Equal("ledger-unavailable", Assert.IsType<InferenceOutcome.Failed>(await a.AskAsync(ServingRoom.Call("r-1", "S", 0.25f))).Code);
        Assert.Equal("a", Assert.Single(shared.Held).Value.Node);
    }

    /// <summary>It reserved, died, and came back: its log says that it did not answer.</summary>
    [Fact]
    public async Task A_node_answers_what_it_reserved_and_did_not_answer_and_does_not_answer_again_what_it_did()
    {
        await using (var a = ServingRoom.Open(first, reservations: shared.Of("a")))
        {
            await a.AnswerAsync(ServingRoom.Call("answered", "S", 0.25f));
        }

        await shared.Of("a").ReserveAsync(RequestIdentity.Name(shared.Of("a").NameKey.Span, ServingRoom.Bank.Subject, "credit", "reserved"), CancellationToken.None);
        await using var again = ServingRoom.Open(first, reservations: shared.Of("a"));
        Assert.Equal(0, (await again.AnswerAsync(ServingRoom.Call("answered", "S", 0.25f))).FirstIndex);
        Assert.Equal(1, (await again.AnswerAsync(ServingRoom.Call("reserved", "S", 0.25f))).FirstIndex);
    }

    [Fact]
    public async Task Who_cannot_ask_answers_no_id_but_everything_else()
    {
        await using var a = ServingRoom.Open(first, reservations: shared.Of("a"));
        var known = await a.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f));
        shared.IsAway = true;
        Assert.Equal("away", Assert.IsType<InferenceOutcome.Failed>(await a.AskAsync(ServingRoom.Call("r-2", "S", 0.25f))).Code);
        Assert.Equal(known.FirstIndex, (await a.AnswerAsync(ServingRoom.Call("r-1", "S", 0.25f))).FirstIndex);
        await a.AnswerAsync(ServingRoom.Call(null, "S", 0.25f));
        shared.IsAway = false;
        await a.AnswerAsync(ServingRoom.Call("r-2", "S", 0.25f));
    }

    /// <summary>Requests, repetitions and failures in any order at three nodes: never two entries for one id, and every answer of an id is the same one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_the_order_no_id_has_two_entries(int seed)
    {
        var random = new Random(seed);
        using var third = new TempFolder();
        var flaky = (float x) => random.Next(3) == 0 ? throw new ScoringException(ScoringException.ModelFailed, "No score.") : (double)x;
        await using var a = ServingRoom.Open(first, model: flaky, reservations: shared.Of("a"));
        await using var b = ServingRoom.Open(second, model: flaky, reservations: shared.Of("b"));
        await using var c = ServingRoom.Open(third, model: flaky, reservations: shared.Of("c"));
        var nodes = new Dictionary<string, ServingRoom> { ["a"] = a, ["b"] = b, ["c"] = c };
        var given = new Dictionary<int, (string Node, long Index)>();
        for (var step = 0; step < 400; step++)
        {
            var id = random.Next(20);
            var node = "abc"[random.Next(3)].ToString();
            var outcome = await nodes[node].AskAsync(ServingRoom.Call($"r-{id}", "S", 0.25f));
            if (outcome is InferenceOutcome.Elsewhere elsewhere)
            {
                outcome = await nodes[node = elsewhere.Node].AskAsync(ServingRoom.Call($"r-{id}", "S", 0.25f));
            }

            if (outcome is InferenceOutcome.Answered answered)
            {
                Assert.Equal(given.TryGetValue(id, out var before) ? before : (node, answered.FirstIndex), (node, answered.FirstIndex));
                given[id] = (node, answered.FirstIndex);
            }
        }

        Assert.Equal(20, given.Count);
        Assert.Equal(20, nodes.Values.Sum(n => Enumerable.Range(0, (int)n.Log.Size).Count(i => n.Archive.Entry(i) is { Type: InferenceEntry.EntryType })));
    }

    private static string Elsewhere(InferenceOutcome outcome) => Assert.IsType<InferenceOutcome.Elsewhere>(outcome).Node;

    /// <summary>The table, in memory.</summary>
    private sealed class Reservations
    {
        private readonly byte[] key = [.. Enumerable.Repeat((byte)7, 32)];
        private int asked;

        public ConcurrentDictionary<UInt128, (string Node, Guid Ticket)> Held { get; } = [];

        public bool IsAway { get; set; }

        public int Asked => asked;

        public IRequestReservations Of(string node) => new Side(this, node);

        private sealed class Side(Reservations all, string node) : IRequestReservations
        {
            public ReadOnlyMemory<byte> NameKey => all.key;

            public ValueTask<RequestReservation> ReserveAsync(UInt128 name, CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref all.asked);
                if (all.IsAway)
                {
                    return new(new RequestReservation(default, new InferenceOutcome.Failed(503, "away", "Away.")));
                }

                var ticket = Guid.NewGuid();
                var held = all.Held.AddOrUpdate(name, (node, ticket), (_, now) => now.Node == node ? (node, ticket) : now);
                return new(held.Ticket == ticket ? new RequestReservation(ticket, null) : new RequestReservation(default, new InferenceOutcome.Elsewhere(held.Node, null)));
            }

            public ValueTask FreeAsync(UInt128 name, Guid ticket)
            {
                if (all.Held.TryGetValue(name, out var held) && held.Ticket == ticket)
                {
                    all.Held.TryRemove(new(name, held));
                }

                return ValueTask.CompletedTask;
            }
        }
    }
}
