using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Policy.Guards;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Gateway.Policy;

/// <summary>
/// The guards of what is being served: compiled once for a release and a version as it is, dropped when another pack comes into force. One is kept for each
/// version that was asked since. Thread-safe.
/// </summary>
public sealed class ServeGuards(Governor governor, PackLibrary packs, LiveWatch watch) : IRequestGuard
{
    private volatile Compiled current = new(null);

    /// <summary>Guards kept now.</summary>
    internal int Count => current.Count;

    /// <inheritdoc/>
    /// <exception cref="PolicyUnavailableException">The pack in force cannot be read: nothing is answered.</exception>
    public RequestRefusal? Check(InferenceCall call, RouteOutcome.Serves route, Caller client, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var state = governor.State;
        var release = state.Policies.At(now < state.Time ? state.Time : now) ?? throw new PolicyUnavailableException("No policy pack is in force.");
        var compiled = current;
        if (compiled.Release != release)
        {
            current = compiled = new Compiled(release);
        }

        var guard = compiled.Of(route.Version, state, packs);
        if (guard.IsEmpty)
        {
            return null;
        }

        var request = new GuardedRequest(client.Subject, call.Purpose, call.Jurisdiction, call.Rows, now, call.Features, watch.Profile(new ArmKey(route.Route.Name, route.Version.Number, route.Arm))?.Ranges());
        return guard.Check(request, cancellationToken) is { } refusal
            ? new RequestRefusal(refusal.Rule, refusal.Title, refusal.Message, refusal.Citation, refusal.Remediation, release.Policy)
            : null;
    }

    private sealed class Compiled(PolicyRelease? release)
    {
        private readonly ConcurrentDictionary<(string Model, int Version), (ModelState Model, ServeGuard Guard)> guards = new();

        public PolicyRelease? Release => release;

        public int Count => guards.Count;

        public ServeGuard Of(VersionState version, GovernanceState state, PackLibrary packs)
        {
            // A model that is no longer as it was has another guard: its tier or jurisdiction may have been corrected.
            var (key, model) = ((version.ModelId, version.Number), state.Models[version.ModelId]);
            if (guards.TryGetValue(key, out var known) && known.Model == model)
            {
                return known.Guard;
            }

            var (inventory, subject) = GateInput.Subject(state, version);
            var guard = ServeGuard.Create(packs.Get(release!), inventory, subject, version.Submission.Features);
            guards[key] = (model, guard);
            return guard;
        }
    }
}
