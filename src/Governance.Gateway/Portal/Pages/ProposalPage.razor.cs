using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>A proposed pack: what it says otherwise, what it would change, and the form of the second person.</summary>
public sealed partial class ProposalPage
{
    private ProposalDetails? proposal;
    private Refusal? refusal;

    [Parameter]
    public required string Id { get; set; }

    [Inject]
    public required IPortalPolicies Policies { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [SupplyParameterFromForm(FormName = "approve")]
    private DecisionInput? Approval { get; set; }

    [SupplyParameterFromForm(FormName = "withdraw")]
    private DecisionInput? Withdrawal { get; set; }

    private Caller Caller => Context.GetCaller();

    private string Title => proposal is null ? "No such proposal" : $"{proposal.Name} {proposal.Version}";

    protected override async Task OnInitializedAsync()
    {
        proposal = await Policies.ProposalAsync(Id, Context.RequestAborted);
        if (proposal is null)
        {
            Context.Response.NotFound();
        }
    }

    private static string When(ProposalDetails proposal) =>
        proposal.EffectiveFrom is { } date ? "on " + Format.Time(date) : "when approved";

    private static string Sentence(DryRunReport report) => string.Create(CultureInfo.InvariantCulture,
        $"{report.Live.Count} of {report.LiveExamined} versions in service and {report.PastDiffering} of {report.PastExamined} recorded decisions would come out otherwise{Left(report)}.");

    private static string Left(DryRunReport report) => (report.PastTotal - report.PastExamined, report.PastUnreadable) switch
    {
        (0, 0) => "",
        (0, var lost) => string.Create(CultureInfo.InvariantCulture, $"; {lost} could not be read"),
        (var older, var lost) => string.Create(CultureInfo.InvariantCulture, $"; {older} older ones were not looked at, {lost} could not be read"),
    };

    private async Task ApproveAsync()
    {
        if (Approval is not { RequestId.Length: > 0 and <= 64 } input || !Digest.TryParse(input.Archive, out var archive))
        {
            refusal = Refusal.Invalid("form-incomplete", "The form is not complete: say what you looked at and concluded.");
            return;
        }

        refusal = await Policies.ApproveAsync(Caller, Id, archive, input.Text ?? "", input.RequestId, Context.RequestAborted);
        Leave("policy-approved");
    }

    private async Task WithdrawAsync()
    {
        if (Withdrawal is not { RequestId.Length: > 0 and <= 64 } input)
        {
            refusal = Refusal.Invalid("form-incomplete", "The form is not complete: give a reason.");
            return;
        }

        refusal = await Policies.WithdrawAsync(Caller, Id, input.Text ?? "", input.RequestId, Context.RequestAborted);
        Leave("policy-withdrawn");
    }

    private void Leave(string done)
    {
        if (refusal is null)
        {
            Navigation.NavigateTo($"{Context.Request.Path}?done={done}");
        }
    }

    private sealed class DecisionInput
    {
        public string? RequestId { get; set; }

        public string? Archive { get; set; }

        public string? Text { get; set; }
    }
}
