using System.Collections.Concurrent;
using Governance.Core.Decisions;
using Governance.Core.Serving;
using Governance.Gateway.Hosting;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Exports;

/// <summary>
/// Copies answered requests to the sinks their routes name, afterwards and in the background, and says at most once a minute what did not arrive. Off for every route until its owner
/// sets it. Thread-safe.
/// </summary>
internal sealed partial class PayloadExports : BackgroundService
{
    private readonly IReadOnlyDictionary<string, PayloadSink> sinks;
    private readonly ConcurrentDictionary<string, long> missing = new(StringComparer.Ordinal);
    private readonly TimeProvider time;
    private readonly ILogger<PayloadExports> log;

    public PayloadExports(IOptions<GatewayOptions> options, TimeProvider time, ILogger<PayloadExports> log)
    {
        (this.time, this.log) = (time, log);
        sinks = options.Value.PayloadSinks.ToDictionary(s => s.Key, s => new PayloadSink(s.Key, s.Value, options.Value.Origin, time), StringComparer.Ordinal);
    }

    /// <summary>Answered requests by sink and what became of the copy; <c>missing</c> for a sink that a route names and this gateway does not have.</summary>
    public IEnumerable<(string Sink, string Outcome, long Count)> Counts() => sinks.Values
        .SelectMany(s => new[] { (s.Name, "sent", s.Sent), (s.Name, "dropped", s.Dropped), (s.Name, "failed", s.Failed) })
        .Concat(missing.Select(m => (m.Key, "missing", m.Value)));

    /// <summary>Why a route cannot name this sink; null when it can.</summary>
    public Refusal? Lacks(string? name) => name is null || sinks.ContainsKey(name)
        ? null
        : Refusal.Invalid("sink-unknown", "There is no such payload sink. An operator configures sinks: Gateway:PayloadSinks.");

    /// <summary>Takes note of an answer that is recorded; returns at once.</summary>
    /// <param name="input">Name of the model's input tensor.</param>
    /// <param name="call">Copied; the caller may reuse its memory.</param>
    public void Offer(RouteOutcome.Serves route, string input, InferenceCall call, InferenceOutcome outcome)
    {
        if (route.Settings.Export is { } rule && outcome is InferenceOutcome.Answered { Replayed: null } answer)
        {
            Offer(rule, route, input, call, answer);
        }
    }

    private void Offer(ExportRule rule, RouteOutcome.Serves route, string input, InferenceCall call, InferenceOutcome.Answered answer)
    {
        if (!sinks.TryGetValue(rule.Sink, out var sink))
        {
            missing.AddOrUpdate(rule.Sink, 1, static (_, count) => count + 1);
            return;
        }

        sink.Offer(call.Features.Length, () => new ExportedExchange(
            Guid.NewGuid(), rule, input, route, call.Copy(), answer with { Scores = answer.Scores.ToArray(), Decisions = answer.Decisions.ToArray() }, time.GetUtcNow()));
    }

    public override void Dispose()
    {
        foreach (var sink in sinks.Values)
        {
            sink.Dispose();
        }

        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll([TellAsync(stoppingToken), .. sinks.Values.Select(s => s.RunAsync(stoppingToken))]);

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, long>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var sink in sinks.Values)
            {
                Tell(sink.Name, sink.Dropped + sink.Failed, sink.LastFailure ?? "too many waited");
            }

            foreach (var (sink, count) in missing)
            {
                Tell(sink, count, "this gateway has no such sink");
            }
        }

        void Tell(string sink, long lost, string reason)
        {
            if (lost > told.GetValueOrDefault(sink))
            {
                NotCopied(lost - told.GetValueOrDefault(sink), sink, reason);
                told[sink] = lost;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Count} answered requests were not copied to the payload sink {Sink}: {Reason}")]
    private partial void NotCopied(long count, string sink, string reason);
}
