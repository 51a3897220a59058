using Governance.Core.Decisions;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Serving;

/// <summary>Whether a pipeline may score now. Pure; asked when it is set and again for each request.</summary>
public static class PipelineFit
{
    /// <param name="model">The route's model, which is in the pipeline already.</param>
    /// <param name="answering">The version that answers; null while none does.</param>
    /// <returns>The first thing in its way; null when it may.</returns>
    public static Refusal? Check(GovernanceState state, RoutePipeline pipeline, string model, VersionState? answering)
    {
        if (answering is not null && pipeline.Pre.FirstOrDefault(s => !answering.Submission.Features.Contains(s.Feature, StringComparer.Ordinal)) is { } step)
        {
            return Refusal.Conflict("other-inputs", $"The pipeline of '{model}' prepares '{step.Feature}', which version {answering.Number} does not read.");
        }

        return pipeline.Members.Where(m => m.Model is not null).Select(m => Check(state, m, model, answering)).FirstOrDefault(r => r is not null);
    }

    private static Refusal? Check(GovernanceState state, PipelineMember member, string model, VersionState? answering)
    {
        if (string.Equals(member.Model, model, StringComparison.Ordinal))
        {
            return Refusal.Conflict("member-itself", $"The version that answers '{model}' is the first member of its pipeline already. Name other models.");
        }

        if (state.Version(member.Model!, member.Version!.Value) is not { Status: VersionStatus.Promoted } version
            || !state.Routes.TryGetValue(member.Model!, out var route) || route.Version != member.Version || route.Suspended
            || state.SettingsOf(member.Model!).Stopped is not null)
        {
            return Refusal.Conflict("member-not-promoted", $"The pipeline of '{model}' needs version {member.Version} of '{member.Model}', which does not answer its own route.");
        }

        return answering is null || version.AnswersFor(answering)
            ? null
            : Refusal.Conflict("other-inputs", $"Version {member.Version} of '{member.Model}' has other features, or another favourable label, than version {answering.Number} of '{model}': one request cannot be put to both.");
    }
}
