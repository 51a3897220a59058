using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>
/// A developer or an owner asks that one rule be waived for one version in one environment, for a time. Never for a rule that is not waivable.
/// An emergency waiver needs only level 1 now and is reviewed after the fact; it is short.
/// </summary>
/// <param name="Target">The environment.</param>
/// <param name="Risk">What may go wrong, in figures.</param>
/// <param name="Control">What limits it meanwhile.</param>
/// <param name="Exit">How the waiver becomes unnecessary.</param>
/// <param name="Expires">UTC; the policy says how late it may be.</param>
public sealed record RequestWaiver(
    string ModelId, int Version, string Rule, PromotionTarget Target, string Reason, string Risk, string Control, string Exit, DateTimeOffset Expires,
    bool Emergency = false) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (Waivers.RequireRequester(context) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Model(ModelId) is not { } model)
        {
            return Unknown.Model(ModelId);
        }

        if (context.State.Version(ModelId, Version) is not { } version)
        {
            return Unknown.Version(ModelId, Version);
        }

        if (version.Status is VersionStatus.Rejected or VersionStatus.Suspended)
        {
            return Refusal.Conflict("version-closed", $"Version {Version} is {version.Status.ToString().ToLowerInvariant()}; submit a corrected one.");
        }

        if (context.Gate.Rule(Rule) is not { } rule)
        {
            return Refusal.Invalid("rule-unknown", "No rule of the policy in force has this name. List them with GET /api/v1/policy.");
        }

        if (!rule.Waivable)
        {
            return Refusal.Forbidden("not-waivable", $"The rule '{rule.Id}' cannot be waived by anybody. Mend what it is about.");
        }

        var other = model.Waivers.Values.FirstOrDefault(w =>
            w.IsAbout(Version, Rule, Target) && context.State.StatusOf(w, context.Now) is (WaiverStatus.Requested or WaiverStatus.Active));
        if (other is not null)
        {
            return Refusal.Conflict("waiver-exists", $"Waiver {other.Id} is about the same rule, version and environment. Renew or revoke it.");
        }

        var rules = context.Gate.Workflow(model.Registration.Tier);
        var faults = Waivers.Faults(context, Reason, Risk, Control, Exit, Expires, Emergency ? rules.EmergencyDays : rules.WaiverDays).ToList();
        return faults.Count > 0
            ? Refusal.Invalid("invalid-waiver", "The waiver is incomplete or wrong.") with { Faults = faults }
            : Decision.Accept(new WaiverRequested(
                ModelId, Numbered.Waiver(ModelId, model.Waivers.Count + 1), Version, Rule, Target, Reason, Risk, Control, Exit, Expires.ToUniversalTime(),
                Emergency ? 1 : rules.WaiverLevel, Emergency, RenewalOf: null, rule.Checks, version.Content(context.State, rule.Checks), context.Caller.Name));
    }
}

/// <summary>Asks for an approved waiver to go on for a time. Once only, and approved one level higher.</summary>
public sealed record RenewWaiver(string WaiverId, string Reason, DateTimeOffset Expires) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(WaiverId);

    public override Decision Decide(DecisionContext context)
    {
        if (Waivers.RequireRequester(context) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Waiver(WaiverId) is not { } waiver)
        {
            return Unknown.Waiver(WaiverId);
        }

        var (request, status) = (waiver.Request, context.State.StatusOf(waiver, context.Now));
        if (!waiver.Approved || status is not (WaiverStatus.Active or WaiverStatus.Expired))
        {
            return Refusal.Conflict("not-renewable", $"Waiver {WaiverId} is {Waivers.Word(status)}; only an approved one is renewed.");
        }

        if (request.RenewalOf is not null || request.Emergency)
        {
            return Refusal.Conflict("renewed-once", "A waiver is renewed once, and an emergency one never: mend the cause, or request a new version's own.");
        }

        var model = context.State.Models[request.ModelId];
        var renewal = model.Waivers.Values.FirstOrDefault(w =>
            w.Request.RenewalOf == WaiverId && context.State.StatusOf(w, context.Now) is (WaiverStatus.Requested or WaiverStatus.Active));
        if (renewal is not null)
        {
            return Refusal.Conflict("waiver-exists", $"Waiver {renewal.Id} renews it already.");
        }

        if (context.Gate.Rule(request.Rule) is not { Waivable: true } rule)
        {
            return Refusal.Forbidden("not-waivable", $"The rule '{request.Rule}' cannot be waived any more.");
        }

        var rules = context.Gate.Workflow(model.Registration.Tier);
        var faults = Waivers.Faults(context, Reason, request.Risk, request.Control, request.Exit, Expires, rules.WaiverDays).ToList();
        return faults.Count > 0
            ? Refusal.Invalid("invalid-waiver", "The renewal is incomplete or wrong.") with { Faults = faults }
            : Decision.Accept(request with
            {
                WaiverId = Numbered.Waiver(model.Id, model.Waivers.Count + 1),
                Reason = Reason,
                Expires = Expires.ToUniversalTime(),
                Level = Math.Min(request.Level + 1, WaiverApprovals.HighestLevel),
                RenewalOf = WaiverId,
                Checks = rule.Checks,
                Covers = context.State.Version(model.Id, request.Version)!.Content(context.State, rule.Checks),
                PersonName = context.Caller.Name,
            });
    }
}

internal static class Waivers
{
    public static string Word(WaiverStatus status) => status.ToString().ToLowerInvariant();

    public static Refusal? RequireRequester(DecisionContext context) => context.Require("request a waiver", Role.Developer, Role.Owner)
        ?? (context.Caller.IsPerson ? null : Refusal.Forbidden("role-required", "A waiver is requested by a person."));

    public static IEnumerable<string> Faults(
        DecisionContext context, string reason, string risk, string control, string exit, DateTimeOffset expires, int longestDays)
    {
        foreach (var (name, text, what) in new[]
        {
            ("reason", reason, "why the rule cannot be met now"), ("risk", risk, "what may go wrong, in figures"),
            ("control", control, "what limits the risk meanwhile"), ("exit", exit, "how the waiver becomes unnecessary"),
        })
        {
            if (!Text.IsProse(text, 2000))
            {
                yield return $"{name}: 1 to 2000 characters: {what}.";
            }
        }

        if (expires <= context.Now || expires > context.Now.AddDays(longestDays))
        {
            yield return $"expires: in the future, within {longestDays} days.";
        }
    }

    /// <summary>Refuses unless the caller is a person who holds the role, and the role may do this.</summary>
    public static Refusal? RequireRole(DecisionContext context, Role role, IReadOnlyList<Role> allowed) =>
        allowed.Contains(role) && context.Caller.IsPerson && context.Caller.Is(role) ? null
            : Refusal.Forbidden("role-required", $"This takes a person in one of the roles {string.Join(", ", allowed.Select(r => r.Name()))}, which they must hold.");

    /// <summary>Nobody decides about a waiver they asked for or of a model they build.</summary>
    public static Refusal? RequireIndependence(DecisionContext context, WaiverState waiver, Role acting)
    {
        var model = context.State.Models[waiver.Request.ModelId];
        var original = waiver.Request.RenewalOf is { } id ? model.Waivers[id].RequestedBy : null;
        if (waiver.RequestedBy == context.Caller.Subject || original == context.Caller.Subject)
        {
            return Refusal.Forbidden("self-approval", "Who requests a waiver does not decide about it.");
        }

        return Independence.Conflict(model, model.Versions[waiver.Request.Version], context.Caller, acting) is { } conflict
            ? Refusal.Forbidden("not-independent", $"You cannot decide about this waiver: you are {conflict}.")
            : null;
    }
}
