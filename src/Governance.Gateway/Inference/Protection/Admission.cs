using System.Threading.RateLimiting;
using Governance.Core.Identity;
using Governance.Serving.Routing;

namespace Governance.Gateway.Inference.Protection;

/// <summary>
/// Who may be answered now: a caller within their rate, a route within its concurrency, the gateway within its own, with a bounded queue.
/// What is beyond is told at once to come again. Asked before the body is read. Thread-safe.
/// </summary>
public sealed class Admission(ProtectionOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<(string Route, string Caller, int Rate)> rates = PartitionedRateLimiter.Create<(string Route, string Caller, int Rate), (string, string, int)>(
        key => RateLimitPartition.GetTokenBucketLimiter(key, static k => new TokenBucketRateLimiterOptions
        {
            TokenLimit = k.Item3,
            TokensPerPeriod = Math.Max(1, k.Item3 / 10),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, k.Item3 / 10) / (double)k.Item3),
            QueueLimit = 0,
        }));

    private readonly PartitionedRateLimiter<(string Route, int Concurrency)> routes = PartitionedRateLimiter.Create<(string Route, int Concurrency), (string, int)>(
        key => RateLimitPartition.GetConcurrencyLimiter(key, k => new ConcurrencyLimiterOptions { PermitLimit = k.Item2, QueueLimit = options.Queue }));

    private readonly ConcurrencyLimiter all = new(new ConcurrencyLimiterOptions { PermitLimit = options.Concurrency, QueueLimit = options.Queue });

    /// <summary>Waits for a turn, or says why there is none. What is returned is disposed when the answer is given.</summary>
    public async ValueTask<Pass> EnterAsync(RouteOutcome.Serves route, Caller caller, CancellationToken cancellationToken)
    {
        var (name, limits) = (route.Route.Name, route.Settings.Limits);
        var rate = Tighter(limits?.RequestsPerSecond, options.RequestsPerSecond);
        if (rate > 0)
        {
            using var token = rates.AttemptAcquire((name, caller.Subject, rate));
            if (!token.IsAcquired)
            {
                return new Pass(new Shed(StatusCodes.Status429TooManyRequests, "rate-limited", $"This application may ask '{name}' {rate} times a second. Slow down."));
            }
        }

        var ours = await all.AcquireAsync(1, cancellationToken);
        if (!ours.IsAcquired)
        {
            ours.Dispose();
            return Pass.Overloaded;
        }

        if (limits?.Concurrency is not { } concurrency)
        {
            return new Pass(ours);
        }

        var theirs = await Second(routes, (name, concurrency), ours, cancellationToken);
        if (theirs.IsAcquired)
        {
            return new Pass(ours, theirs);
        }

        theirs.Dispose();
        ours.Dispose();
        return Pass.Overloaded;
    }

    public void Dispose()
    {
        rates.Dispose();
        routes.Dispose();
        all.Dispose();
    }

    private static async ValueTask<RateLimitLease> Second(
        PartitionedRateLimiter<(string Route, int Concurrency)> limiter, (string Route, int Concurrency) key, RateLimitLease first, CancellationToken cancellationToken)
    {
        try
        {
            return await limiter.AcquireAsync(key, 1, cancellationToken);
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private static int Tighter(int? ofRoute, int ofGateway) => ofRoute is not { } own ? ofGateway : ofGateway == 0 ? own : Math.Min(own, ofGateway);
}

/// <summary>Why a request is not answered now.</summary>
public sealed record Shed(int Status, string Code, string Detail);

/// <summary>Leave to answer one request, or the reason there is none.</summary>
public readonly struct Pass : IDisposable
{
    private readonly RateLimitLease? gateway;
    private readonly RateLimitLease? route;

    internal Pass(RateLimitLease gateway, RateLimitLease? route = null) => (this.gateway, this.route) = (gateway, route);

    internal Pass(Shed refused) => Refused = refused;

    /// <summary>Null when the request may be answered.</summary>
    public Shed? Refused { get; }

    internal static Pass Overloaded { get; } = new(new Shed(StatusCodes.Status503ServiceUnavailable, "overloaded", "Too many requests wait for an answer. Try again shortly."));

    public void Dispose()
    {
        route?.Dispose();
        gateway?.Dispose();
    }
}
