namespace Governance.Cli.Demo;

/// <summary>
/// One step of the tour. Everything it sends carries idempotency keys made from the run id, so that a step that was interrupted can run
/// again from its beginning.
/// </summary>
internal interface ITourStep
{
    string Title { get; }

    /// <exception cref="TourException">What the step set out to show did not come true.</exception>
    Task RunAsync(TourContext tour, CancellationToken cancellationToken);
}
