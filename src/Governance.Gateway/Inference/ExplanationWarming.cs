using Governance.Core.Decisions;
using Governance.Core.State;
using Governance.Gateway.Inference.Counterfactuals;
using Governance.Gateway.Inference.Reasons;
using Governance.Serving;

namespace Governance.Gateway.Inference;

/// <summary>Makes ready, before it is asked for, what the versions that answer are explained from, where their route's settings want it: at the start and whenever that changes.</summary>
internal sealed partial class ExplanationWarming(
    Governor governor, ReasonLibrary reasons, CounterfactualLibrary counterfactuals, TimeProvider time, ILogger<ExplanationWarming> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var warmed = -1L;
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var state = governor.State;
            if (state.Position != warmed)
            {
                warmed = state.Position;
                foreach (var route in state.Routes.Values)
                {
                    await WarmAsync(state, route, stoppingToken);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task WarmAsync(GovernanceState state, RouteState route, CancellationToken cancellationToken)
    {
        var settings = state.SettingsOf(route.Name);
        foreach (var version in new[] { route.Version, settings.Canary?.Version }.Where(v => v is not null).Select(v => state.Version(route.ModelId, v!.Value)).OfType<VersionState>())
        {
            if (settings is { Reasons: not null, Upstream: null })
            {
                await WarmAsync(version, reasons.GetAsync(version, cancellationToken));
            }

            if (settings.Counterfactuals is not null)
            {
                await WarmAsync(version, counterfactuals.GetAsync(version, cancellationToken));
            }
        }
    }

    private async Task WarmAsync(VersionState version, Task made)
    {
        try
        {
            await made;
        }
        catch (ScoringException e)
        {
            NotReady(version.ModelId, version.Number, e.Code, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Decisions of {Model} version {Version} that need an explanation are not given, {Code}: {Why}")]
    private partial void NotReady(string model, int version, string code, string why);
}
