using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;

namespace Governance.Core.Commands;

/// <summary>Anchors the inference log's latest checkpoint in the governance log.</summary>
public sealed record AnchorInferenceLog(string Origin, long Size, string Root) : Command
{
    public override string Stream => "log/" + Origin;

    public override Decision Decide(DecisionContext context) =>
        context.Caller.IsSystem()
            ? Decision.Accept(new InferenceLogAnchored(Origin, Size, Root))
            : Refusal.Forbidden("system-only", "Logs are anchored by the gateway.");
}

/// <summary>Records a report that was made.</summary>
public sealed record IssueReport(string ReportId, string Kind, string About, Digest Document) : Command
{
    public override string Stream => "report/" + ReportId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("issue a report", Role.Developer, Role.Owner, Role.Validator, Role.Committee, Role.Compliance, Role.Dpo, Role.Auditor) is { } refusal)
        {
            return refusal;
        }

        return Decision.Accept(new ReportIssued(ReportId, Kind, About, Document));
    }
}
