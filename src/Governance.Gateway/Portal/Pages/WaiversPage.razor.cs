using Governance.Client.Contracts;
using Governance.Core.Inventory;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>Waivers as a work list: those that wait for somebody first, then those that count, the soonest to end on top.</summary>
public sealed partial class WaiversPage
{
    private static readonly (string Word, string? Value)[] Tabs =
        [("All", null), ("Waiting for approval", "requested"), ("In force", "active"), ("Expired", "expired")];

    private Page<WaiverDetails> waivers = new([], null);

    [Inject]
    public required IPortalReader Reader { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageToken { get; set; }

    [SupplyParameterFromQuery(Name = "status")]
    private string? Status { get; set; }

    protected override async Task OnInitializedAsync() => waivers = await Reader.WaiversAsync(
        null, null, Enum.TryParse<WaiverStatus>(Status, ignoreCase: true, out var status) ? status : null, PageToken, Context.RequestAborted);
}
