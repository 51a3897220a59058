using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One finding: what is wrong, what was said, and the forms to answer, close and reopen it.</summary>
public sealed partial class FindingPage
{
    private FindingDetails? finding;
    private bool isFresh;

    [Parameter]
    public required string FindingId { get; set; }

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

    private List<Role> Closers => [.. Caller.Roles.Where(r => r is Role.Validator or Role.Compliance or Role.Committee)];

    private string Tomorrow => Time.GetUtcNow().AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private List<HistoryEntry> Entries =>
    [
        .. finding!.Notes.Reverse().Select(n => new HistoryEntry(
            n.Time,
            n.Status switch { FindingStatus.Answered => $"Answered by {n.PersonName}", FindingStatus.Closed => $"Closed by {n.PersonName}", _ => $"Reopened by {n.PersonName}" },
            n.Text, n.Person, n.Status switch { FindingStatus.Answered => Tone.Info, FindingStatus.Closed => Tone.Good, _ => Tone.Caution }, n.LedgerIndex)),
        new HistoryEntry(finding.RaisedAt, $"Raised by {finding.RaisedByName}", null, finding.RaisedBy, Tone.Neutral, finding.LedgerIndex),
    ];

    protected override async Task OnInitializedAsync()
    {
        finding = await Reader.FindingAsync(FindingId, Context.RequestAborted);
        if (finding is null)
        {
            Context.Response.NotFound();
            return;
        }

        isFresh = PortalSession.IsFresh(Context, await Reader.SignatureMaxAgeAsync(finding.ModelId, Context.RequestAborted));
    }

    private string Here(string done) => $"/findings/{FindingId}?done={done}";

    private Task<PortalOutcome> AnswerAsync(FormFields fields, string requestId) => DoAsync(new AnswerFinding(FindingId, fields.Text("Response")), requestId);

    private Task<PortalOutcome> CloseAsync(FormFields fields, string requestId) =>
        DoAsync(new CloseFinding(FindingId, fields.Role("Role") ?? Role.Client, fields.Text("Verification")), requestId);

    private Task<PortalOutcome> ReopenAsync(FormFields fields, string requestId) =>
        DoAsync(new ReopenFinding(FindingId, fields.Text("Reason"), fields.EndOfDay("Due") ?? default), requestId);

    private async Task<PortalOutcome> DoAsync(Command command, string requestId) => await Actions.DoAsync(Caller, command, requestId, Context.RequestAborted);
}
