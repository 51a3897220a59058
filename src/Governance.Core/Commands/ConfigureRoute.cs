using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Sets how a model's route answers: pin, shadows, audit mode, reviews, reasons, counterfactuals, groups, export, upstream, limits, rollback, pipeline. The registered owner does.</summary>
/// <param name="Settings">All of them; canary and stop absent, which have commands of their own and stay as they are.</param>
public sealed record ConfigureRoute(string ModelId, RouteSettings Settings) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (RouteDuties.Owner(context, ModelId, "configure a route") is { } refusal)
        {
            return refusal;
        }

        var faults = RouteSettingsRules.Faults(Settings).ToList();
        if (faults.Count > 0)
        {
            return Refusal.Invalid("invalid-settings", "The settings of the route are not valid.") with { Faults = faults };
        }

        var model = context.State.Models[ModelId];
        if (Settings.Audit == AuditMode.AsyncBounded && model.Registration.Tier != Tier.Three)
        {
            return Refusal.Conflict("audit-must-be-durable", "Answers of a model of tier 1 or 2 are on disk before they are given. Only tier 3 may be recorded afterwards.");
        }

        if (Settings.PinnedVersion is { } pinned && model.Champion?.Number != pinned)
        {
            return Refusal.Conflict("not-serving", $"Version {pinned} does not answer the route, so it cannot be pinned. Promote it first.");
        }

        if (Settings.Pipeline is { } pipeline && PipelineFit.Check(context.State, pipeline, ModelId, model.Champion) is { } misfit)
        {
            return misfit;
        }

        return Settings.Shadows.Select(s => Unfit(model, s)).FirstOrDefault(r => r is not null) is { } unfit
            ? unfit
            : Decision.Accept(new RouteConfigured(ModelId, Settings));
    }

    private static Refusal? Unfit(ModelState model, int number) => model.Versions.GetValueOrDefault(number) switch
    {
        null => Unknown.Version(model.Id, number),
        { Status: VersionStatus.Rejected or VersionStatus.Suspended } closed =>
            Refusal.Conflict("version-closed", $"Version {number} is {closed.Status.ToString().ToLowerInvariant()} and shadows nothing."),
        { Status: VersionStatus.Promoted } => Refusal.Conflict("already-promoted", $"Version {number} answers the route; it cannot be its own shadow."),
        var version when model.Champion is { } champion && !version.AnswersFor(champion) => RouteDuties.OtherInputs(version, champion),
        _ => null,
    };
}
