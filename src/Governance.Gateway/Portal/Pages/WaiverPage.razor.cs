using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One waiver: why, at what risk, who agreed, and the forms to decide about it.</summary>
public sealed partial class WaiverPage
{
    private WaiverDetails? waiver;
    private bool isFresh;

    [Parameter]
    public required string WaiverId { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalActions Actions { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    private Caller Caller => Context.GetCaller();

    /// <summary>Roles of the caller that would bring the waiver nearer to its approval.</summary>
    private List<Role> Approvers
    {
        get
        {
            var missing = WaiverApprovals.Missing(waiver!.Level, waiver.Approvals.Select(a => a.Role));
            return waiver.Approvals.Any(a => a.Person == Caller.Subject) ? [] : [.. Caller.Roles.Where(r => missing.Any(m => m.Contains(r)))];
        }
    }

    private bool MayEnd => waiver!.Status == WaiverStatus.Active
        ? Caller.Roles.Any(r => r is Role.Owner or Role.Validator or Role.Committee or Role.Compliance or Role.Dpo) || waiver.RequestedBy == Caller.Subject
        : waiver.Status == WaiverStatus.Requested && waiver.RequestedBy == Caller.Subject;

    private List<Role> Deciders => [.. Caller.Roles.Where(r => r == Role.Dpo || WaiverApprovals.Roles.Contains(r))];

    private string Tomorrow => Time.GetUtcNow().AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Sentence => waiver!.Status switch
    {
        WaiverStatus.Requested => $"Does not count yet. Still needed: {waiver.Needs}.",
        WaiverStatus.Active => $"Counts until {Format.Time(waiver.Expires)}.",
        WaiverStatus.Expired => "Its time is over: the rule blocks again.",
        WaiverStatus.Unreviewed => "Nobody reviewed it in time: it counts no longer.",
        WaiverStatus.Void => "What it was given for has changed since: it counts no longer.",
        WaiverStatus.Denied => "It was denied.",
        _ => "It was taken back.",
    };

    private List<HistoryEntry> Entries
    {
        get
        {
            var entries = new List<HistoryEntry> { new(waiver!.RequestedAt, $"Requested by {waiver.RequestedByName}", null, waiver.RequestedBy, Tone.Neutral, waiver.LedgerIndex) };
            entries.AddRange(waiver.Approvals.Select(a => new HistoryEntry(a.Time, $"Approved by {a.PersonName} ({a.Role}, {(a.Line == 1 ? "first" : "second")} line)", a.Comment, a.Person, Tone.Good, a.LedgerIndex)));
            if (waiver.Reviewed is { } review)
            {
                entries.Add(new HistoryEntry(review.Time, $"Reviewed and upheld by {review.PersonName}", review.Reason, review.Person, Tone.Good, review.LedgerIndex));
            }

            if (waiver.Ended is { } ended)
            {
                entries.Add(new HistoryEntry(ended.Time, $"{(waiver.Status == WaiverStatus.Denied ? "Denied" : "Taken back")} by {ended.PersonName}", ended.Reason, ended.Person, Tone.Bad, ended.LedgerIndex));
            }

            entries.Reverse();
            return entries;
        }
    }

    protected override async Task OnInitializedAsync()
    {
        waiver = await Reader.WaiverAsync(WaiverId, Context.RequestAborted);
        if (waiver is null)
        {
            Context.Response.NotFound();
            return;
        }

        isFresh = PortalSession.IsFresh(Context, await Reader.SignatureMaxAgeAsync(waiver.ModelId, Context.RequestAborted));
    }

    private string Here(string done) => $"/waivers/{WaiverId}?done={done}";

    private Task<PortalOutcome> ApproveAsync(FormFields fields, string requestId) =>
        DoAsync(new ApproveWaiver(WaiverId, fields.Role("Role") ?? Role.Client, fields.Text("Comment")), requestId);

    private Task<PortalOutcome> DenyAsync(FormFields fields, string requestId) =>
        DoAsync(new DenyWaiver(WaiverId, fields.Role("Role") ?? Role.Client, fields.Text("Reason")), requestId);

    private Task<PortalOutcome> ReviewAsync(FormFields fields, string requestId) =>
        DoAsync(new ReviewWaiver(WaiverId, fields.Text("Outcome") == "upheld", fields.Text("Comment")), requestId);

    private Task<PortalOutcome> RenewAsync(FormFields fields, string requestId) =>
        DoAsync(new RenewWaiver(WaiverId, fields.Text("Reason"), fields.EndOfDay("Expires") ?? default), requestId);

    private Task<PortalOutcome> RevokeAsync(FormFields fields, string requestId) => DoAsync(new RevokeWaiver(WaiverId, fields.Text("Reason")), requestId);

    private async Task<PortalOutcome> DoAsync(Command command, string requestId) => await Actions.DoAsync(Caller, command, requestId, Context.RequestAborted);
}
