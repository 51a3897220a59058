using Governance.Client.Contracts;

namespace Governance.Cli.Demo;

/// <summary>Runs the standard checks on a version and follows them to their end.</summary>
internal static class CheckRuns
{
    private const int MostAttempts = 5;

    /// <summary>The run as it ended. One that a stop of the gateway interrupted is started again under another key.</summary>
    public static async Task<RunDetails> RunAsync(TourContext tour, int version, CancellationToken cancellationToken)
    {
        var client = tour.As(Personas.Validator);
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            var key = tour.Key(FormattableString.Invariant($"run-{version}-{attempt}"));
            var started = await client.StartRunAsync(tour.ModelId, version, new StartRunRequest(), key, cancellationToken);
            var ended = await tour.FollowAsync(client, started.Id, cancellationToken);
            if (ended.Status == RunStatus.Succeeded)
            {
                return ended;
            }

            if (ended.Status == RunStatus.Failed)
            {
                var failed = ended.Checks.First(c => c.Status == RunCheckStatus.Failed);
                throw new TourException($"Every check ends in evidence or a reason why it does not apply, but {failed.Check} failed: {failed.Note}");
            }
        }

        throw new TourException($"A run of checks on version {version} ends, but {MostAttempts} were interrupted.");
    }
}
