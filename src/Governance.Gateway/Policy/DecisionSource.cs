using System.Text.Json;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.State;
using Governance.Policy.Life;
using Governance.Storage;

namespace Governance.Gateway.Policy;

/// <summary>Recorded gate decisions, complete: from the event, or from the document it names. Thread-safe.</summary>
public sealed class DecisionSource(ArtifactStore artifacts)
{
    /// <summary>Null when the document is missing or was altered.</summary>
    public GateDecision? Get(GateState state) => state.Inline ?? Read(state.Document);

    /// <inheritdoc cref="Get(GateState)"/>
    public GateDecision? Get(GovernanceEvent e) => e switch
    {
        GateDecided decided => Read(decided.Document),
        GateEvaluated evaluated => evaluated.Decision,
        _ => null,
    };

    /// <inheritdoc cref="Get(GateState)"/>
    /// <param name="document">Digest of the decision's document.</param>
    public GateDecision? Get(Digest document) => Read(document);

    public ReplayVerdict Replay(PastDecision past, GovernanceState state, CancellationToken cancellationToken) =>
        DecisionReplay.Replay(past, artifacts.Read, state.Policies.Archive, cancellationToken);

    private GateDecision? Read(Digest document)
    {
        try
        {
            return artifacts.Read(document) is { } bytes ? GovernanceJson.Deserialize<GateDecision>(bytes) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
