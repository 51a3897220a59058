using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Governance.Client.Tokens;
using Polly;
using Polly.Retry;

namespace Governance.Client.Transport;

/// <summary>Sends calls: token, idempotency key, time limit, retries, and every failure as <see cref="GovernanceException"/>. Thread-safe.</summary>
internal sealed class Sender(HttpClient http, ITokenSource tokens, GovernanceClientOptions options)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly ResiliencePipeline<HttpResponseMessage> repeat = CreatePipeline(options);

    public Task<T> ReadJsonAsync<T>(Call call, CancellationToken cancellationToken) =>
        SendAsync(call, async (response, limit) =>
        {
            try
            {
                var body = await response.Content.ReadAsStreamAsync(limit);
                return await JsonSerializer.DeserializeAsync<T>(body, ClientJson.Reading, limit)
                    ?? throw new GovernanceException(ClientProblems.Unreadable((int)response.StatusCode, "the document is null"));
            }
            catch (JsonException e)
            {
                throw new GovernanceException(ClientProblems.Unreadable((int)response.StatusCode, $"at {e.Path ?? "$"}"), e);
            }
        }, cancellationToken);

    public Task<string> ReadTextAsync(Call call, CancellationToken cancellationToken) =>
        SendAsync(call, (response, limit) => response.Content.ReadAsStringAsync(limit), cancellationToken);

    public Task<long> CopyAsync(Call call, Stream destination, CancellationToken cancellationToken) =>
        SendAsync(call, async (response, limit) =>
        {
            var start = destination.Position;
            await response.Content.CopyToAsync(destination, limit);
            return destination.Position - start;
        }, cancellationToken);

    /// <summary>Opens an answer that lasts: no limit but the caller's, no retry. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> OpenAsync(Call call, CancellationToken cancellationToken)
    {
        try
        {
            return await SucceedAsync(await AttemptAsync(call, cancellationToken), cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
    }

    private async Task<T> SendAsync<T>(Call call, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var timeout = call.Long ? options.LongTimeout : options.Timeout;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var response = await SucceedAsync(
                call.MayRepeat
                    ? await repeat.ExecuteAsync(async token => await AttemptAsync(call, token), limit.Token)
                    : await AttemptAsync(call, limit.Token),
                limit.Token);
            return await read(response, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GovernanceException(ClientProblems.TimedOut(timeout), e);
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            throw Unreachable(e);
        }
    }

    private async Task<HttpResponseMessage> AttemptAsync(Call call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(call.Method, call.Path);
        request.Content = call.Content?.Invoke();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(call.Accept));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/problem+json"));
        if (call.IdempotencyKey is { } key)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (await tokens.GetTokenAsync(cancellationToken) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static async Task<HttpResponseMessage> SucceedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new GovernanceException(await ProblemReader.ReadAsync(response, cancellationToken));
        }
    }

    private GovernanceException Unreachable(Exception e) =>
        new(ClientProblems.Unreachable(http.BaseAddress, e is HttpRequestException request ? request.HttpRequestError.ToString() : "the answer broke off"), e);

    /// <summary>How long the gateway asks to wait, at most <see cref="LongestWait"/>; null when it does not, and the client's own pace holds.</summary>
    private static TimeSpan? Asked(HttpResponseMessage? answer) => answer?.Headers.RetryAfter?.Delta is { } asked ? (asked < LongestWait ? asked : LongestWait) : null;

    private static ResiliencePipeline<HttpResponseMessage> CreatePipeline(GovernanceClientOptions options) =>
        options.Retries == 0
            ? ResiliencePipeline<HttpResponseMessage>.Empty
            : new ResiliencePipelineBuilder<HttpResponseMessage>().AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = failed => ValueTask.FromResult(Asked(failed.Outcome.Result)),
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>()
                    .HandleResult(r => r.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
                        or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout),
                OnRetry = static failed =>
                {
                    failed.Outcome.Result?.Dispose();
                    return default;
                },
            }).Build();
}
