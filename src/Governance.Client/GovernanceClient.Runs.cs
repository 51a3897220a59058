using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Client.Transport;
using Governance.Core;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<RunDetails> StartRunAsync(string modelId, int version, StartRunRequest run, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RunDetails>(Call.Command(Version(modelId, version) + "/runs", idempotencyKey, Bodies.Json(run)), cancellationToken);

    public Task<RunDetails> CancelRunAsync(string runId, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RunDetails>(Call.Command(Run(runId) + "/cancel", idempotencyKey), cancellationToken);

    /// <summary>What the run's shards computed, and what was there before.</summary>
    public Task<RunExplanation> ExplainRunAsync(string runId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RunExplanation>(Call.Get(Run(runId) + "/explanation"), cancellationToken);

    /// <summary>The end of what a shard wrote.</summary>
    public Task<string> GetShardLogAsync(string runId, int shard, CancellationToken cancellationToken) =>
        sender.ReadTextAsync(Call.Get(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Run(runId)}/shards/{shard}/log")), cancellationToken);

    public Task<RunDetails> GetRunAsync(string runId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RunDetails>(Call.Get(Run(runId)), cancellationToken);

    /// <summary>
    /// The run as it goes on, until it has ended: the last item has <see cref="RunDetails.FinishedAt"/> or is interrupted. When the
    /// stream of events breaks off, it is opened again.
    /// </summary>
    public async IAsyncEnumerable<RunDetails> WatchRunAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var latest = await GetRunAsync(runId, cancellationToken);
            yield return latest;
            if (HasEnded(latest))
            {
                yield break;
            }

            await foreach (var next in EventsAsync(runId, cancellationToken))
            {
                yield return next;
                if (HasEnded(next))
                {
                    yield break;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);
        }
    }

    /// <summary>The signed DSSE envelope, as stored.</summary>
    public Task<string> GetEvidenceAsync(Digest envelope, CancellationToken cancellationToken) =>
        sender.ReadTextAsync(Call.Get("api/v1/evidence/" + Segment(envelope.ToString())), cancellationToken);

    /// <summary>Computes evidence again, as a run, to compare.</summary>
    public Task<RunDetails> ReproduceAsync(Digest envelope, string? engine, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RunDetails>(Call.Command(Reproduction(envelope), idempotencyKey, Bodies.Json(new ReproduceRequest(engine))), cancellationToken);

    /// <summary>The latest comparison of evidence with a second computation.</summary>
    public Task<ReproductionDetails> GetReproductionAsync(Digest envelope, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReproductionDetails>(Call.Get(Reproduction(envelope)), cancellationToken);

    private static string Reproduction(Digest envelope) => $"api/v1/evidence/{Segment(envelope.ToString())}/reproduction";

    private static bool HasEnded(RunDetails run) => run.Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Interrupted or RunStatus.Cancelled or RunStatus.Expired;

    private static string Run(string runId) => "api/v1/runs/" + Segment(runId);

    private async IAsyncEnumerable<RunDetails> EventsAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenEventsAsync(runId, cancellationToken);
        if (response is null)
        {
            yield break;
        }

        var parser = SseParser.Create(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            static (_, data) => JsonSerializer.Deserialize<RunDetails>(data, ClientJson.Reading));
        await using var events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await AdvanceAsync(events))
        {
            if (events.Current.Data is { } run)
            {
                yield return run;
            }
        }
    }

    /// <summary>Null when the connection breaks at once: the caller asks again, and learns there whether the gateway is gone.</summary>
    private async Task<HttpResponseMessage?> OpenEventsAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            return await sender.OpenAsync(Call.Get(Run(runId) + "/events") with { Accept = "text/event-stream" }, cancellationToken);
        }
        catch (GovernanceException e) when (e.Code == ClientProblems.UnreachableCode)
        {
            return null;
        }
    }

    /// <summary>False at the end of the stream and when it breaks: the caller asks again either way.</summary>
    private static async ValueTask<bool> AdvanceAsync<T>(IAsyncEnumerator<T> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            return false;
        }
    }
}
