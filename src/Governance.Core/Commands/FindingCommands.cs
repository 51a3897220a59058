using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>A validator raises a finding about a version; it holds for later versions too. Numbers are given by the log.</summary>
/// <param name="Owner">Subject of the person who has to mend it.</param>
/// <param name="Due">UTC; in the future.</param>
/// <param name="Rule">Rule of the policy it is about; null for none.</param>
/// <param name="Evidence">Envelope among the version's evidence; null for none.</param>
public sealed record RaiseFinding(
    string ModelId, int Version, string Title, string Description, FindingSeverity Severity, string Owner, DateTimeOffset Due, string? Rule = null,
    Digest? Evidence = null) : Command
{
    private const int LongestYears = 3;

    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (Findings.RequirePerson(context, "raise a finding", Role.Validator) is { } refusal)
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

        var faults = Faults(context, version).ToList();
        return faults.Count > 0
            ? Refusal.Invalid("invalid-finding", "The finding is incomplete or wrong.") with { Faults = faults }
            : Decision.Accept(new FindingRaised(
                ModelId, Numbered.Finding(ModelId, model.Findings.Count + 1), Version, Title, Description, Severity, Owner, Due.ToUniversalTime(), Rule, Evidence,
                context.Caller.Name));
    }

    private IEnumerable<string> Faults(DecisionContext context, VersionState version)
    {
        if (!Text.IsLine(Title, 200))
        {
            yield return "title: one line of 1 to 200 characters.";
        }

        if (!Text.IsProse(Description, 4000))
        {
            yield return "description: 1 to 4000 characters: what is wrong, and how it shows.";
        }

        if (!Text.IsLine(Owner, 256))
        {
            yield return "owner: the subject of the person who mends it.";
        }

        if (Owner == context.Caller.Subject)
        {
            yield return "owner: somebody else than who raises it.";
        }

        if (Due <= context.Now || Due > context.Now.AddYears(LongestYears))
        {
            yield return $"due: in the future, within {LongestYears} years.";
        }

        if (Rule is not null && context.Gate.Rule(Rule) is null)
        {
            yield return "rule: no rule of the policy in force has this name.";
        }

        if (Evidence is { } envelope && !version.Evidence.Values.Any(e => e.Envelope == envelope))
        {
            yield return "evidence: not among the evidence of this version.";
        }
    }
}

/// <summary>The owner of a finding says what was done about it.</summary>
public sealed record AnswerFinding(string FindingId, string Response, Digest? Evidence = null) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(FindingId);

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsPerson)
        {
            return Refusal.Forbidden("role-required", "A finding is answered by a person.");
        }

        if (context.State.Finding(FindingId) is not { } finding)
        {
            return Unknown.Finding(FindingId);
        }

        if (finding.Raised.Owner != context.Caller.Subject)
        {
            return Refusal.Forbidden("not-the-owner", $"Only the owner of the finding answers it: {finding.Raised.Owner}.");
        }

        if (!finding.IsOpen)
        {
            return Refusal.Conflict("finding-closed", $"Finding {FindingId} is closed.");
        }

        if (!Text.IsProse(Response, 4000))
        {
            return Refusal.Invalid("response-required", "An answer needs 1 to 4000 characters: what was done, and how one sees that it helped.");
        }

        var model = context.State.Models[finding.Raised.ModelId];
        return Evidence is { } envelope && !model.Versions.Values.Any(v => v.Evidence.Values.Any(e => e.Envelope == envelope))
            ? Refusal.Invalid("evidence-unknown", "No version of this model has this evidence.")
            : Decision.Accept(new FindingAnswered(finding.Raised.ModelId, FindingId, context.Caller.Subject, context.Caller.Name, Response, Evidence));
    }
}

/// <summary>
/// Somebody independent verifies that an answered finding is mended. Never its owner nor who answered it nor who builds the model; from the severity
/// the policy names on, not who raised it either.
/// </summary>
/// <param name="Role">The role the closer acts in; they must hold it.</param>
public sealed record CloseFinding(string FindingId, Role Role, string Verification) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(FindingId);

    public override Decision Decide(DecisionContext context)
    {
        var caller = context.Caller;
        if (Role is not (Role.Validator or Role.Committee or Role.Compliance) || Findings.RequirePerson(context, "close a finding", Role) is not null)
        {
            return Refusal.Forbidden("role-required", "A finding is closed by a validator, compliance or the committee, in a role they hold.");
        }

        if (context.State.Finding(FindingId) is not { } finding)
        {
            return Unknown.Finding(FindingId);
        }

        var model = context.State.Models[finding.Raised.ModelId];
        if (finding.Raised.Owner == caller.Subject || finding.Notes.Exists(n => n.Made == FindingStatus.Answered && n.Person == caller.Subject))
        {
            return Refusal.Forbidden("self-closure", "Who owns or answered a finding does not verify that it is mended.");
        }

        if (model.Versions.Values.Where(v => finding.AppliesTo(v.Number)).Select(v => Independence.Conflict(model, v, caller, Role)).FirstOrDefault(c => c is not null) is { } conflict)
        {
            return Refusal.Forbidden("not-independent", $"You cannot close a finding about this model: you are {conflict}.");
        }

        var rules = context.Gate.Workflow(model.Registration.Tier);
        if (finding.Raised.Severity >= rules.SecondPersonFrom && finding.RaisedBy == caller.Subject)
        {
            return Refusal.Forbidden("second-person-closes", $"A finding of severity {Findings.Word(finding.Raised.Severity)} is closed by somebody other than who raised it.");
        }

        if (context.RequireFresh(model.Registration.Tier) is { } stale)
        {
            return stale;
        }

        return finding.Status switch
        {
            FindingStatus.Open => Refusal.Conflict("finding-unanswered", "Its owner has not answered yet; there is nothing to verify."),
            FindingStatus.Closed => Refusal.Conflict("finding-closed", $"Finding {FindingId} is closed already."),
            _ when !Text.IsProse(Verification, 4000) =>
                Refusal.Invalid("verification-required", "A closure needs 1 to 4000 characters: what you looked at to see that it is mended."),
            _ => Decision.Accept(new FindingClosed(model.Id, FindingId, caller.Subject, caller.Name, Role.Name(), Verification)),
        };
    }
}

/// <summary>The second line sends an answer back, or opens a closed finding again, with a new due date.</summary>
public sealed record ReopenFinding(string FindingId, string Reason, DateTimeOffset Due) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(FindingId);

    public override Decision Decide(DecisionContext context)
    {
        if (Findings.RequirePerson(context, "reopen a finding", Role.Validator, Role.Committee, Role.Compliance) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Finding(FindingId) is not { } finding)
        {
            return Unknown.Finding(FindingId);
        }

        if (finding.Status == FindingStatus.Open)
        {
            return Refusal.Conflict("finding-open", $"Finding {FindingId} is open.");
        }

        return !Text.IsProse(Reason, 4000) ? Refusal.Invalid("reason-required", "A reopening needs a reason of 1 to 4000 characters.")
            : Due <= context.Now || Due > context.Now.AddYears(3) ? Refusal.Invalid("invalid-due", "due: in the future, within 3 years.")
            : Decision.Accept(new FindingReopened(
                finding.Raised.ModelId, FindingId, context.Caller.Subject, context.Caller.Name, Reason, Due.ToUniversalTime()));
    }
}

/// <summary>Records once that a finding was open when due. Only the gateway does.</summary>
public sealed record RecordOverdue(string FindingId) : Command
{
    public override string Stream => "model/" + Numbered.ModelOf(FindingId);

    public override Decision Decide(DecisionContext context) =>
        !context.Caller.IsSystem() ? Refusal.Forbidden("system-only", "The gateway records what time brings.")
        : context.State.Finding(FindingId) is not { } finding ? Unknown.Finding(FindingId)
        : finding.OverdueRecorded || !finding.OverdueAt(context.Now) ? Decision.Accept()
        : Decision.Accept(new FindingOverdue(finding.Raised.ModelId, FindingId, finding.Due));
}

internal static class Findings
{
    public static string Word(FindingSeverity severity) => severity.ToString().ToLowerInvariant();

    public static Refusal? RequirePerson(DecisionContext context, string action, params ReadOnlySpan<Role> roles) =>
        context.Require(action, roles) ?? (context.Caller.IsPerson ? null : Refusal.Forbidden("role-required", $"Only a person can {action}."));
}
