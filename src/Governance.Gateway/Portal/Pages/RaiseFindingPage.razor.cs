using System.Globalization;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Inventory;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>The form to raise a finding about a version, and a rule when one led here.</summary>
public sealed partial class RaiseFindingPage
{
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

    /// <summary>The rule it is about, from the link that led here.</summary>
    [SupplyParameterFromQuery(Name = "rule")]
    private string? Rule { get; set; }

    /// <summary>What the gate said about the rule, to begin with.</summary>
    private string? About { get; set; }

    private string Tomorrow => Time.GetUtcNow().AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    protected override async Task OnInitializedAsync()
    {
        var version = await Reader.VersionAsync(ModelId, Number, Context.RequestAborted);
        if (version is null)
        {
            Context.Response.NotFound();
        }

        About = version?.LastGate?.Rules.FirstOrDefault(r => r.Rule == Rule)?.Message;
    }

    private async Task<PortalOutcome> RaiseAsync(FormFields fields, string requestId) => await Actions.DoAsync(
        Context.GetCaller(),
        new RaiseFinding(
            ModelId, Number, fields.Text("Title"), fields.Text("Description"), fields.Choice<FindingSeverity>("Severity") ?? FindingSeverity.Medium,
            fields.Text("Owner"), fields.EndOfDay("Due") ?? default, string.IsNullOrEmpty(Rule) ? null : Rule),
        requestId,
        Context.RequestAborted);
}
