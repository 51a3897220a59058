using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Governance.Serving.Upstreams;

/// <summary>One upstream: pooled connections, a time limit, one repetition, and a circuit breaker that all routes share. Thread-safe.</summary>
public sealed class UpstreamServer : IDisposable
{
    private readonly HttpClient http;
    private readonly ResiliencePipeline<ReadOnlyMemory<byte>> pipeline;

    /// <param name="options">Without faults.</param>
    public UpstreamServer(string name, UpstreamOptions options, TimeProvider time)
    {
        Name = name;
        Options = options;
        var guard = new AddressGuard([.. options.AllowedNetworks.Select(n => IPNetwork.Parse(n))]);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = options.MaxConnections,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = guard.ConnectAsync,
            ActivityHeadersPropagator = null,
        })
        {
            MaxResponseContentBufferSize = options.MaxResponseBytes,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.TokenFile is { } file)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(file).Trim());
        }

        pipeline = Pipeline(options, time);
    }

    public string Name { get; }

    public UpstreamOptions Options { get; }

    /// <summary>The body of a successful answer.</summary>
    /// <exception cref="ScoringException">There is none; the message holds nothing the upstream said.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> PostAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            var address = new Uri(Options.Url.TrimEnd('/') + path);
            return await pipeline.ExecuteAsync(token => AttemptAsync(address, body, token), cancellationToken);
        }
        catch (UpstreamRefusedException e)
        {
            throw new ScoringException("upstream-refused", $"The upstream '{Name}' refused the request with status {(int)e.Status}.");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new ScoringException("upstream-invalid", $"The answer of the upstream '{Name}' is larger than {Options.MaxResponseBytes} bytes.");
        }
        catch (BrokenCircuitException)
        {
            throw new ScoringException("upstream-unavailable", $"The upstream '{Name}' kept failing and is left alone for a while.");
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or IOException or System.Net.Sockets.SocketException)
        {
            throw new ScoringException("upstream-unavailable", $"The upstream '{Name}' does not answer.", e);
        }
    }

    public void Dispose() => http.Dispose();

    private async ValueTask<ReadOnlyMemory<byte>> AttemptAsync(Uri address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await response.Content.ReadAsByteArrayAsync(cancellationToken),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => throw new HttpRequestException(HttpRequestError.Unknown, statusCode: response.StatusCode),
            var status => throw new UpstreamRefusedException(status),
        };
    }

    private static ResiliencePipeline<ReadOnlyMemory<byte>> Pipeline(UpstreamOptions options, TimeProvider time)
    {
        // Too large an answer, or a refusal, is the same the next time and says nothing about the upstream's health.
        var transient = new PredicateBuilder<ReadOnlyMemory<byte>>()
            .Handle<HttpRequestException>(e => e.HttpRequestError != HttpRequestError.ConfigurationLimitExceeded)
            .Handle<TimeoutRejectedException>()
            .Handle<System.Net.Sockets.SocketException>()
            .Handle<IOException>();
        return new ResiliencePipelineBuilder<ReadOnlyMemory<byte>> { TimeProvider = new SteadyTime(time) }
            .AddRetry(new RetryStrategyOptions<ReadOnlyMemory<byte>> { ShouldHandle = transient, MaxRetryAttempts = 1, Delay = TimeSpan.FromMilliseconds(20), UseJitter = true })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ReadOnlyMemory<byte>>
            {
                ShouldHandle = transient,
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(5),
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    private sealed class UpstreamRefusedException(HttpStatusCode status) : Exception
    {
        public HttpStatusCode Status => status;
    }
}
