using Governance.Client.Contracts;
using Governance.Core.Oversight;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>The list of models.</summary>
public sealed partial class Inventory
{
    private Page<ModelSummary> models = new([], null);
    private IReadOnlyList<Alert> alerts = [];

    [Inject]
    public required IPortalReader Reader { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageToken { get; set; }

    protected override async Task OnInitializedAsync()
    {
        models = await Reader.ModelsAsync(PageToken, Context.RequestAborted);
        alerts = PageToken is null ? await Reader.AlertsAsync(Context.RequestAborted) : [];
    }
}
