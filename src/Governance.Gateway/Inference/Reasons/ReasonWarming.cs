using Governance.Core.Decisions;
using Governance.Core.State;
using Governance.Serving;

namespace Governance.Gateway.Inference.Reasons;

/// <summary>Makes reasons ready before they are asked for: those of the versions that answer a route whose settings want reasons, at the start and whenever that changes.</summary>
internal sealed partial class ReasonWarming(Governor governor, ReasonLibrary library, TimeProvider time, ILogger<ReasonWarming> log) : BackgroundService
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
                foreach (var version in Answering(state))
                {
                    await WarmAsync(version, stoppingToken);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static IEnumerable<VersionState> Answering(GovernanceState state) => state.Routes.Values
        .Where(r => state.SettingsOf(r.Name) is { Reasons: not null, Upstream: null })
        .SelectMany(r => new[] { r.Version, state.SettingsOf(r.Name).Canary?.Version }
            .Where(v => v is not null).Select(v => state.Version(r.ModelId, v!.Value)).OfType<VersionState>());

    private async Task WarmAsync(VersionState version, CancellationToken cancellationToken)
    {
        try
        {
            await library.GetAsync(version, cancellationToken);
        }
        catch (ScoringException e)
        {
            NotReady(version.ModelId, version.Number, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Reasons of {Model} version {Version} are not ready, and decisions that need them are not given: {Why}")]
    private partial void NotReady(string model, int version, string why);
}
