using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Gateway.Policy;
using Governance.Policy.Life;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/gate-decisions</c>: recorded decisions of gates, and their replay.</summary>
internal static class GateEndpoints
{
    public static void MapGates(this RouteGroupBuilder api)
    {
        api.MapGet("/gate-decisions/{index:long}", GetAsync).WithName("GetGateDecision").WithSummary("A recorded gate decision").Produces<GateDecisionDetails>();
        api.MapGet("/gate-decisions/{index:long}/replay", ReplayAsync).WithName("ReplayGateDecision").WithSummary("Compute a recorded gate decision again").Produces<ReplayVerdict>();
    }

    private static async Task<IResult> GetAsync(long index, IEventStore events, DecisionSource decisions, CancellationToken cancellationToken)
    {
        if (await FindAsync(index, events, cancellationToken) is not { } recorded)
        {
            return NoDecision();
        }

        var (model, version) = recorded.Event switch
        {
            GateDecided e => (e.ModelId, e.Version),
            GateEvaluated e => (e.ModelId, e.Version),
            _ => throw new InvalidOperationException("Not a gate's decision."),
        };
        return decisions.Get(recorded.Event) is { } decision
            ? Answers.Ok(new GateDecisionDetails(index, recorded.Time, model, version, decision.Gate, decision))
            : Problems.Result(StatusCodes.Status404NotFound, "decision-lost", "The document of this decision is missing from the artefact store, or was altered.");
    }

    private static async Task<IResult> ReplayAsync(long index, IEventStore events, DecisionSource decisions, CommandPath path, CancellationToken cancellationToken) =>
        await FindAsync(index, events, cancellationToken) switch
        {
            { Event: GateDecided e } recorded => Answers.Ok(decisions.Replay(new PastDecision(index, recorded.Time, e), path.Governor.State, cancellationToken)),
            { Event: GateEvaluated } => Problems.Result(StatusCodes.Status409Conflict, "not-replayable", "This decision was recorded before inputs were kept; only its digests are known."),
            _ => NoDecision(),
        };

    private static async Task<RecordedEvent?> FindAsync(long index, IEventStore events, CancellationToken cancellationToken)
    {
        if (index >= 0)
        {
            await foreach (var recorded in events.ReadAsync(index, cancellationToken))
            {
                return recorded.Event is GateDecided or GateEvaluated ? recorded : null;
            }
        }

        return null;
    }

    private static IResult NoDecision() => Problems.Result(
        StatusCodes.Status404NotFound, "gate-decision-unknown", "This entry of the governance log is not a gate's decision. List entries with GET /api/v1/ledger/logs/governance/entries.");
}
