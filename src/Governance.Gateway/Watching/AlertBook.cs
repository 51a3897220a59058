using System.Globalization;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Gateway.Policy;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>
/// Raises and clears alerts in the governance log, without flapping. Gateways of one log see different traffic: an alert is cleared by the one that raised it, and by
/// others only once it is an hour old, for that one may be gone. Used by one loop at a time.
/// </summary>
internal sealed class AlertBook(Governor governor, PolicyInForce policy, TimeProvider time)
{
    private static readonly TimeSpan Others = TimeSpan.FromHours(1);
    private readonly AlertHysteresis<string> hysteresis = new();
    private readonly HashSet<string> raised = [];

    /// <returns>Whether an alert was raised.</returns>
    public async Task<bool> JudgeAsync(string modelId, int version, MonitorReading reading, CancellationToken cancellationToken)
    {
        var key = LiveAlertState.KeyOf(modelId, version, reading.Monitor, reading.About);
        var open = governor.State.LiveAlerts.GetValueOrDefault(key);
        if (open is null)
        {
            raised.Remove(key);
        }
        else if (!raised.Contains(key) && time.GetUtcNow() - open.Time < Others)
        {
            return false;
        }

        switch (hysteresis.Next(key, reading, open is not null))
        {
            case AlertChange.Raise:
                raised.Add(key);
                await ExecuteAsync(new RaiseLiveAlert(modelId, version, reading.Monitor, reading.About, reading.Value, reading.Limit, Message(version, reading)), cancellationToken);
                return true;
            case AlertChange.Clear:
                await ExecuteAsync(new ClearLiveAlert(modelId, version, reading.Monitor, reading.About), cancellationToken);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Ends the alerts of versions that answer nothing any more.</summary>
    public async Task ClearOthersAsync(Func<string, int, bool> answers, CancellationToken cancellationToken)
    {
        foreach (var open in governor.State.LiveAlerts.Values.Select(a => a.Raised).Where(a => !answers(a.ModelId, a.Version)).ToList())
        {
            await ExecuteAsync(new ClearLiveAlert(open.ModelId, open.Version, open.Monitor, open.About), cancellationToken);
        }
    }

    public Task<CommandOutcome> ExecuteAsync(Command command, CancellationToken cancellationToken) =>
        governor.ExecuteAsync(command, SystemCaller.Instance, policy.Gate, request: null, cancellationToken);

    /// <summary>What an alert says, in one sentence.</summary>
    internal static string Message(int version, MonitorReading reading)
    {
        var (value, limit) = (Text(reading.Value), Text(reading.Limit));
        var what = reading.Monitor switch
        {
            Monitors.Psi when reading.About == "score" => $"The score of version {version} moved from its training: stability index {value}, limit {limit}.",
            Monitors.Psi => $"The feature {reading.About} moved from the training of version {version}: stability index {value}, limit {limit}.",
            Monitors.Outside => $"The feature {reading.About} is outside what version {version} was trained on in {value} of the rows; the limit is {limit}.",
            Monitors.Failures => $"Version {version} fails {value} of its requests; the limit is {limit}.",
            Monitors.Refusals => $"Policy refuses {value} of the requests to version {version}; the limit is {limit}.",
            Monitors.Latency => $"99 of 100 answers of version {version} take up to {value} ms; the limit is {limit} ms.",
            Monitors.Waiting => $"{value} decisions of version {version} wait for a person.",
            Monitors.Overrides => $"People override {value} of the reviewed decisions of version {version}; the limit is {limit}.",
            Monitors.Impact => $"The adverse impact ratio of {reading.About} is {value} with version {version}; the least is {limit}.",
            Monitors.TruePositives => $"The true positive rate of {reading.About} is {value} away from that of the first group with version {version}; the limit is {limit}.",
            Monitors.FalsePositives => $"The false positive rate of {reading.About} is {value} away from that of the first group with version {version}; the limit is {limit}.",
            Monitors.Auc => $"The AUC of version {version} over reported outcomes is {value}; the least is {limit}.",
            Monitors.Calibration => $"The calibration error of version {version} over reported outcomes is {value}; the limit is {limit}.",
            _ => throw new ArgumentOutOfRangeException(nameof(reading), reading.Monitor, "There is no such monitor."),
        };
        return what.Length <= 500 ? what : what[..499] + "…";
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 10 ? "F0" : "0.###", CultureInfo.InvariantCulture);
}
