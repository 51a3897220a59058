using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Serving;
using Governance.Serving.Routing;
using Governance.Serving.Scoring;

namespace Governance.Gateway.Inference;

/// <summary>
/// Has the models that routes name ready and no others: a version is loaded and run once before it is promoted here, within a second of its
/// promotion on other nodes, and at start; a model that no route names any more is let go.
/// </summary>
public sealed partial class ModelReadiness(Governor governor, ModelPool pool, TimeProvider time, ILogger<ModelReadiness> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Makes the version a command would let answer ready first.</summary>
    /// <returns>Why it cannot; null when it is, and for every other command.</returns>
    public async ValueTask<Refusal?> PrepareAsync(Command command, Caller caller, CancellationToken cancellationToken)
    {
        var (model, number) = command switch
        {
            PromoteVersion c => (c.ModelId, c.Version),
            StartCanary c => (c.ModelId, c.Version),
            _ => ("", 0),
        };
        if (!caller.Is(Role.Owner) || governor.State.Version(model, number) is not { } version || governor.State.SettingsOf(model).Upstream is not null)
        {
            return null;
        }

        try
        {
            await pool.WarmAsync(version, cancellationToken);
            return null;
        }
        catch (ScoringException e)
        {
            return new Refusal(RefusalKind.Unavailable, e.Code, e.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        GovernanceState? seen = null;
        do
        {
            var state = governor.State;
            if (seen is null || seen.Routes != state.Routes || seen.Settings != state.Settings)
            {
                await FollowAsync(state, stoppingToken);
                seen = state;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task FollowAsync(GovernanceState state, CancellationToken cancellationToken)
    {
        var named = state.Routes.Keys.SelectMany(name => Named(RouteTable.Resolve(state, name))).ToList();
        foreach (var version in named)
        {
            try
            {
                await pool.WarmAsync(version, cancellationToken);
            }
            catch (ScoringException)
            {
                NotReady(version.Number, version.ModelId);
            }
        }

        pool.KeepOnly(named.Select(v => v.Submission.Artifact).ToHashSet());
    }

    private static IEnumerable<VersionState> Named(RouteOutcome outcome) => outcome is RouteOutcome.Serves { Settings.Upstream: null } route
        ? [route.Version, .. route.Canary is { } canary ? new[] { canary.Version } : [], .. route.Shadows, .. route.Canary?.Shadows ?? []]
        : [];

    [LoggerMessage(1, LogLevel.Error, "The model of version {Version} of {Model} cannot be loaded; its route answers nothing")]
    private partial void NotReady(int version, string model);
}
