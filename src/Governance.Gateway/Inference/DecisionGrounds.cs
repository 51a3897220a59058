using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Gateway.Policy;
using Governance.Serving.Recording;
using Governance.Serving.Routing;

namespace Governance.Gateway.Inference;

/// <summary>By whose leave a version answered: the promotion or canary the entry names, with the signatures and evidence of that moment. Thread-safe.</summary>
internal sealed class DecisionGrounds(Governor governor, IEventStore events, DecisionSource decisions)
{
    /// <summary>Null when the governance log has no such promotion.</summary>
    public async Task<DecisionGround?> OfAsync(InferenceEntry entry, CancellationToken cancellationToken)
    {
        await foreach (var recorded in events.ReadAsync(entry.Promotion, cancellationToken))
        {
            var (arm, document) = recorded.Event switch
            {
                VersionPromoted e => (RouteArm.Champion, e.Decision),
                CanaryStarted e => (RouteArm.Canary, e.Decision),
                _ => default,
            };
            if (document == default)
            {
                return null;
            }

            var version = (await governor.AsOfAsync(recorded.Time, cancellationToken)).Version(entry.Route, entry.Version);
            return new DecisionGround(
                arm.ToString().ToLowerInvariant(), recorded.Time, recorded.Actor, document, decisions.Get(document)?.PolicyDigest,
                [.. (version?.SignOffs ?? []).Where(s => s.Position < recorded.Position).Select(s => new GroundSignOff(s.Person, s.Role, s.Meaning.ToString().ToLowerInvariant(), s.Position))],
                [.. (version?.Evidence.Values ?? []).Where(e => e.Position < recorded.Position).Select(e => new GroundEvidence(e.Check, e.Envelope, e.Position))]);
        }

        return null;
    }
}
