using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Gates;

/// <summary>A gate's decision with the event that records it and the documents to keep beside it. Immutable.</summary>
internal sealed record GateAnswer(GateDecision Decision, GateDecided Event, IReadOnlyList<ReadOnlyMemory<byte>> Documents)
{
    /// <param name="state">What is true, with the version in it.</param>
    public static GateAnswer Ask(DecisionContext context, GovernanceState state, VersionState version, string gate, PromotionTarget? target = null)
    {
        var input = GateInput.Build(state, version, gate, target, context.Caller, context.Now, context.Gate);
        return Of(version, target, context.Gate.Evaluate(gate, input), context.Gate.Canonical(input));
    }

    public static GateAnswer Of(VersionState version, PromotionTarget? target, GateDecision decision, ReadOnlyMemory<byte> input)
    {
        if (Digest.Of(input.Span) != decision.InputDigest)
        {
            throw new InvalidOperationException("The gate's decision is not about the input it was given.");
        }

        var document = GovernanceJson.Serialize(decision);
        var recorded = new GateDecided(
            version.ModelId, version.Number, decision.Gate, target, decision.Status, decision.PolicyDigest, decision.ParamsDigest, decision.InputDigest,
            Digest.Of(document), [.. decision.Rules.Where(r => r.Blocks).Select(r => r.Rule).Take(GateDecided.MostBlocking)], decision.WaitingFor);
        return new GateAnswer(decision, recorded, [input, document]);
    }

    public Decision Refuse()
    {
        var blocking = Decision.Rules.Where(r => r.Blocks).ToList();
        var waiting = Decision.Status == GateStatus.Waiting;
        var detail = waiting
            ? $"Version {Event.Version} of '{Event.ModelId}' waits for: {string.Join(", ", Decision.WaitingFor)}."
            : $"The gate denied version {Event.Version} of '{Event.ModelId}': {blocking.Count} rule(s) block. First: {blocking.FirstOrDefault()?.Message}";
        return Decisions.Decision.Refuse(
            new Refusal(RefusalKind.Gate, waiting ? "gate-waiting" : "gate-denied", detail) { Gate = Decision }, Event) with { Documents = Documents };
    }

    /// <summary>Accepts with the event that makes the version before the decision about it.</summary>
    public Decision AcceptAfter(GovernanceEvent first) => Decisions.Decision.Accept([first, Event]) with { Documents = Documents };

    public Decision Accept(params ReadOnlySpan<GovernanceEvent> events) =>
        Decisions.Decision.Accept([Event, .. events]) with { Documents = Documents };
}
