using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>
/// Puts a serving version before the gate <c>monitor</c>. A denied one is suspended at once; one that waits is shown and goes on serving.
/// Recorded when the outcome is another than the last time, or for the first time not allowed, so that a quiet version leaves no entries. Only the gateway asks.
/// </summary>
/// <param name="Live">What was counted while it served.</param>
public sealed record MonitorVersion(string ModelId, int Version, LiveFigures Live) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem())
        {
            return Refusal.Forbidden("system-only", "Serving versions are monitored by the gateway.");
        }

        if (context.State.Version(ModelId, Version) is not { Serves: true } version)
        {
            return Refusal.Conflict("not-serving", $"Version {Version} of '{ModelId}' is not serving.");
        }

        var input = GateInput.Build(context.State, version, GateNames.Monitor, target: null, context.Caller, context.Now, context.Gate);
        input["live"] = Live.ToJson();
        var answer = GateAnswer.Of(version, target: null, context.Gate.Evaluate(GateNames.Monitor, input), context.Gate.Canonical(input));
        var before = version.Gates.GetValueOrDefault(GateNames.Monitor);
        if ((before?.Status ?? GateStatus.Allowed) == answer.Decision.Status && (before?.Blocking ?? []).SequenceEqual(answer.Event.Blocking, StringComparer.Ordinal))
        {
            return Decision.Accept();
        }

        if (answer.Decision.Status != GateStatus.Denied)
        {
            return answer.Accept();
        }

        var first = answer.Decision.Rules.First(r => r.Blocks);
        return answer.Accept(new VersionSuspended(ModelId, Version, $"Monitoring, {first.Rule}: {first.Message}", first.Rule));
    }
}
