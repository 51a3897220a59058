using System.Globalization;
using Governance.Core.Commands;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>The form to ask for a waiver of the rule that led here.</summary>
public sealed partial class RequestWaiverPage
{
    private RuleOutcome? outcome;

    [Parameter]
    public required string ModelId { get; set; }

    [Parameter]
    public required int Number { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalActions Actions { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "rule")]
    private string? Rule { get; set; }

    private string Tomorrow => Time.GetUtcNow().AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    protected override async Task OnInitializedAsync()
    {
        var version = await Reader.VersionAsync(ModelId, Number, Context.RequestAborted);
        if (version is null)
        {
            Context.Response.NotFound();
        }

        outcome = version?.LastGate?.Rules.FirstOrDefault(r => r.Rule == Rule);
    }

    private async Task<PortalOutcome> RequestAsync(FormFields fields, string requestId) => await Actions.DoAsync(
        Context.GetCaller(),
        new RequestWaiver(
            ModelId, Number, Rule ?? "", PromotionTarget.Champion, fields.Text("Reason"), fields.Text("Risk"), fields.Text("Control"), fields.Text("Exit"),
            fields.EndOfDay("Expires") ?? default, fields.Text("Emergency") == "true"),
        requestId,
        Context.RequestAborted);
}
