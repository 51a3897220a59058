using System.Security.Cryptography;
using Governance.Core.Identity;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;

namespace Governance.Serving.Requests;

/// <summary>
/// One answer for one request id: the same caller asking the same again gets the same answer and the same entry, also after a restart; asking
/// something else under the id is refused. In memory is a keyed hash of the id, a hash of what was asked and the place of the answer in the log;
/// the id itself lies only in the sealed payload, and is forgotten with its subject. Among several nodes, what this one does not know is first
/// reserved. Thread-safe.
/// </summary>
public sealed class RequestMemory
{
    private readonly Lock gate = new();
    private readonly ReadOnlyMemory<byte> key;
    private readonly Dictionary<UInt128, Remembered> answers = [];
    private readonly Queue<UInt128> oldest = new();
    private readonly Dictionary<UInt128, Earlier> underWay = [];
    private readonly DecisionArchive archive;
    private readonly RequestMemoryOptions options;
    private readonly TimeProvider time;
    private readonly IRequestReservations? reservations;
    private readonly Lazy<Task> recalled;

    /// <param name="reservations">What nodes that share a governance log have of each other's requests; null for a node that is alone.</param>
    public RequestMemory(DecisionArchive archive, RequestMemoryOptions options, TimeProvider time, IRequestReservations? reservations = null)
    {
        (this.archive, this.options, this.time, this.reservations) = (archive, options, new SteadyTime(time), reservations);
        key = reservations?.NameKey ?? RandomNumberGenerator.GetBytes(32);
        var size = archive.Size;
        recalled = new Lazy<Task>(() => Task.Run(() => Recall(size)));
    }

    /// <summary>Requests remembered now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return answers.Count;
            }
        }
    }

    /// <summary>Reads back from the log what was answered within the window. Requests with an id wait for it; the first of them begins it.</summary>
    public Task RecallAsync() => recalled.Value;

    /// <summary>Answers, unless the caller has the answer already or another call of the same id is being answered: then that one's is given.</summary>
    /// <param name="call">With an id.</param>
    /// <param name="answer">Answers and records. Only what was answered is remembered: what failed may be asked again.</param>
    public async ValueTask<InferenceOutcome> OnceAsync(
        InferenceCall call, string route, Caller client, Func<ValueTask<InferenceOutcome>> answer, CancellationToken cancellationToken)
    {
        await RecallAsync().WaitAsync(cancellationToken);
        var name = RequestIdentity.Name(key.Span, client.Subject, route, call.Id!);
        var content = RequestIdentity.Content(call);
        while (Begin(name, content) is { } earlier)
        {
            if (earlier.Content != content)
            {
                return Reused();
            }

            if (earlier.Answered is { } known)
            {
                return archive.Answer(known.First, known.Rows);
            }

            await earlier.Done!.Task.WaitAsync(cancellationToken);
        }

        InferenceOutcome? outcome = null;
        var reserved = default(RequestReservation);
        try
        {
            if (reservations is not null)
            {
                reserved = await reservations.ReserveAsync(name, cancellationToken);
            }

            return outcome = reserved.Otherwise ?? await answer();
        }
        finally
        {
            if (outcome is InferenceOutcome.Answered { Recording: { } recording })
            {
                // Until it is durable the request is under way: the same asked again waits.
                _ = EndAsync(name, content, recording, call.Rows);
            }
            else
            {
                await FreeAsync(name, reserved.Ticket, outcome);
                End(name, content, (outcome as InferenceOutcome.Answered)?.FirstIndex ?? -1, call.Rows);
            }
        }
    }

    private static InferenceOutcome.Failed Reused() => new(
        409, "request-id-reused", "This request id was used for another request of yours. Ask again with an id of its own.");

    /// <summary>What the id stands for already, answered or under way; null when it was free, and is this call's now.</summary>
    private Earlier? Begin(UInt128 name, UInt128 content)
    {
        lock (gate)
        {
            Forget(time.GetUtcNow().ToUnixTimeSeconds());
            if (answers.TryGetValue(name, out var known))
            {
                return new Earlier(known.Content, known, null);
            }

            if (underWay.TryGetValue(name, out var other))
            {
                return other;
            }

            underWay.Add(name, new Earlier(content, null, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            return null;
        }
    }

    /// <summary>Other nodes may answer what this one reserved and certainly did not answer; before it is asked here again.</summary>
    private ValueTask FreeAsync(UInt128 name, Guid ticket, InferenceOutcome? outcome) =>
        ticket == Guid.Empty || outcome is InferenceOutcome.Answered or InferenceOutcome.Failed { MayBeRecorded: true }
            ? ValueTask.CompletedTask
            : reservations!.FreeAsync(name, ticket);

    private async Task EndAsync(UInt128 name, UInt128 content, Task<long> recording, int rows) => End(name, content, await recording, rows);

    /// <param name="first">Index of the first row's entry; -1 when there is none.</param>
    private void End(UInt128 name, UInt128 content, long first, int rows)
    {
        TaskCompletionSource done;
        lock (gate)
        {
            if (first >= 0)
            {
                Remember(name, new Remembered(content, first, rows, time.GetUtcNow().ToUnixTimeSeconds()));
            }

            underWay.Remove(name, out var mine);
            done = mine!.Done!;
        }

        done.SetResult();
    }

    private void Recall(long size)
    {
        var now = time.GetUtcNow();
        foreach (var past in archive.Requests(size, now - options.Window, options.Most))
        {
            lock (gate)
            {
                Remember(
                    RequestIdentity.Name(key.Span, past.Client, past.Route, past.Id),
                    new Remembered(past.Content, past.First, past.Rows, Math.Min(past.Time.ToUnixTimeSeconds(), now.ToUnixTimeSeconds())));
            }
        }
    }

    private void Remember(UInt128 name, Remembered answer)
    {
        if (answers.TryAdd(name, answer))
        {
            oldest.Enqueue(name);
        }
    }

    private void Forget(long now)
    {
        while (oldest.TryPeek(out var name) && (answers.Count > options.Most || answers[name].Seconds < now - (long)options.Window.TotalSeconds))
        {
            oldest.Dequeue();
            answers.Remove(name);
        }
    }

    private readonly record struct Remembered(UInt128 Content, long First, int Rows, long Seconds);

    /// <summary>Answered, or under way and then done.</summary>
    private sealed record Earlier(UInt128 Content, Remembered? Answered, TaskCompletionSource? Done);
}
