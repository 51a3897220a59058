using System.Globalization;
using System.Text;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>
/// Lets a version answer a part of the route's subjects, when the gate of a promotion allows it: nothing less than for all of them. The
/// champion stays. On a running canary of the same version it changes the share, and the gate is asked again.
/// </summary>
/// <param name="Percent">Share of the subjects, 1 to 99.</param>
public sealed record StartCanary(string ModelId, int Version, PromotionTarget Target, int Percent) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (RouteDuties.Owner(context, ModelId, "start a canary") is { } refusal)
        {
            return refusal;
        }

        if (Percent is < 1 or > 99)
        {
            return Refusal.Invalid("invalid-percent", "percent: a canary answers 1 to 99 percent of the subjects. Promote the version to let it answer all.");
        }

        if (context.State.Version(ModelId, Version) is not { } version)
        {
            return Unknown.Version(ModelId, Version);
        }

        var settings = context.State.SettingsOf(ModelId);
        if (Closed(context.State.Models[ModelId], version, settings) is { } closed)
        {
            return closed;
        }

        var answer = GateAnswer.Ask(context, context.State, version, GateNames.Promote, Target);
        if (answer.Decision.Status != GateStatus.Allowed)
        {
            return answer.Refuse();
        }

        return settings.Canary is null
            ? answer.Accept(new CanaryStarted(ModelId, Version, ModelId, Target, Percent, Salt(context.State.Position), answer.Event.Document))
            : answer.Accept(new CanaryMoved(ModelId, Version, Percent));
    }

    private static Refusal? Closed(ModelState model, VersionState version, RouteSettings settings) => version switch
    {
        { Status: VersionStatus.Promoted } => Refusal.Conflict("already-promoted", $"Version {version.Number} answers the route already."),
        { Status: VersionStatus.Rejected or VersionStatus.Suspended } => Refusal.Conflict(
            "version-closed", $"Version {version.Number} is {version.Status.ToString().ToLowerInvariant()}: {version.StatusReason} Submit a corrected one."),
        _ when model.Champion is null => Refusal.Conflict("not-promoted", "No version answers the route, so there is nothing to try another against. Promote one first."),
        _ when settings.PinnedVersion is { } pinned => RoutePinned(pinned),
        _ when settings.Canary is { } running && running.Version != version.Number => Refusal.Conflict(
            "canary-running", $"Version {running.Version} is the canary of this route. Stop it first."),
        _ when !version.AnswersFor(model.Champion) => RouteDuties.OtherInputs(version, model.Champion),
        _ => null,
    };

    internal static Refusal RoutePinned(int version) => Refusal.Conflict("route-pinned", $"The route is pinned to version {version}. Release the pin first.");

    /// <summary>Another one for each canary, so that the same people are not always the first; no secret.</summary>
    private string Salt(long position) =>
        Digest.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ModelId}/{Version}@{position}"))).Hex[..32];
}

/// <summary>Takes a canary back at once: the champion answers all. The owner or the second line may, and the gateway when a guard is breached; no gate stands in the way.</summary>
public sealed record StopCanary(string ModelId, string Reason) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem() && context.Require("stop a canary", Role.Owner, Role.Validator, Role.Compliance) is { } refusal)
        {
            return refusal;
        }

        if (!Text.IsProse(Reason, 2000))
        {
            return Refusal.Invalid("reason-required", "Stopping a canary needs a reason of 1 to 2000 characters.");
        }

        return context.State.Model(ModelId) is null ? Unknown.Model(ModelId)
            : context.State.SettingsOf(ModelId).Canary is { } canary ? Decision.Accept(new CanaryStopped(ModelId, canary.Version, Reason))
            : Refusal.Conflict("no-canary", "The route has no canary.");
    }
}
