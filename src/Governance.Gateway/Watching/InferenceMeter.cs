using System.Diagnostics.Metrics;
using Governance.Core.Decisions;
using Governance.Gateway.Exports;
using Governance.Serving.Recording;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>
/// Metrics of inference for OpenTelemetry. Tags are the route, the version, the arm and words of ours; never a caller, a subject or a value.
/// Thread-safe.
/// </summary>
internal sealed class InferenceMeter : IDisposable
{
    public const string Name = "Governance.Inference";
    public const string Requests = "governance.inference.requests";
    public const string Rows = "governance.inference.rows";
    public const string Duration = "governance.inference.duration";
    public const string Stability = "governance.inference.stability_index";
    public const string Lost = "governance.inference.lost_entries";
    public const string Exported = "governance.export.exchanges";
    public const string OpenAlerts = "governance.alerts.open";

    private static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private readonly Meter meter;
    private readonly Counter<long> requests;
    private readonly Counter<long> rows;
    private readonly Histogram<double> duration;

    public InferenceMeter(IMeterFactory factory, LiveWatch watch, InferenceRecorder recorder, PayloadExports exports, Governor governor, TimeProvider time)
    {
        meter = factory.Create(Name);
        requests = meter.CreateCounter<long>(Requests, "{request}", "Inference requests, by how they ended.");
        rows = meter.CreateCounter<long>(Rows, "{row}", "Answered rows, by decision.");
        duration = meter.CreateHistogram(
            Duration, "s", "Time from the read request to the recorded answer.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        meter.CreateObservableGauge(
            Stability, () => StabilityNow(watch, time.GetUtcNow()), "1", "Population stability index of the last hour against training, by variable.");
        meter.CreateObservableCounter(Lost, () => recorder.Lost, "{entry}", "Entries answered in audit mode async-bounded that the log then did not take.");
        meter.CreateObservableCounter(Exported, () => exports.Counts().Select(Copied), "{exchange}", "Answered requests offered to a payload sink, by what became of the copy.");
        meter.CreateObservableGauge(OpenAlerts, () => governor.State.LiveAlerts.Count, "{alert}", "Open alerts about live traffic.");
    }

    public void Answered(ArmKey arm, int adverse, int favourable, TimeSpan elapsed)
    {
        if (!requests.Enabled && !rows.Enabled && !duration.Enabled)
        {
            return;
        }

        var tags = Tags(arm);
        duration.Record(elapsed.TotalSeconds, [.. tags]);
        requests.Add(1, [.. tags, new("governance.outcome", "answered")]);
        Count(adverse, Serving.Decisions.Adverse);
        Count(favourable, Serving.Decisions.Favourable);

        void Count(int of, string decision)
        {
            if (of > 0)
            {
                rows.Add(of, [.. tags, new("governance.decision", decision)]);
            }
        }
    }

    public void NotAnswered(string route, int version, string code) =>
        requests.Add(1, new("governance.route", route), new("governance.version", version), new("governance.outcome", code));

    public void Dispose() => meter.Dispose();

    private static Measurement<long> Copied((string Sink, string Outcome, long Count) copies) =>
        new(copies.Count, new("governance.sink", copies.Sink), new("governance.outcome", copies.Outcome));

    private static KeyValuePair<string, object?>[] Tags(ArmKey arm) =>
        [new("governance.route", arm.Route), new("governance.version", arm.Version), new("governance.arm", arm.Arm.ToString().ToLowerInvariant())];

    private static IEnumerable<Measurement<double>> StabilityNow(LiveWatch watch, DateTimeOffset now) => watch.Arms
        .Select(key => watch.Figures(key, now - RouteWatching.Window)).OfType<ArmFigures>()
        .SelectMany(f => f.Drift.Select(d => new Measurement<double>(d.Index, [.. Tags(f.Arm), new("governance.variable", d.Variable)])));
}
