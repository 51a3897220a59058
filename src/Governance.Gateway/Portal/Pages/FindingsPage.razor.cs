using Governance.Client.Contracts;
using Governance.Core.Inventory;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>Findings as a work list: open ones first, the gravest and most urgent on top.</summary>
public sealed partial class FindingsPage
{
    private static readonly (string Word, string? Value)[] Tabs = [("All", null), ("Open", "open"), ("Answered", "answered"), ("Closed", "closed")];

    private Page<FindingDetails> findings = new([], null);

    [Inject]
    public required IPortalReader Reader { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageToken { get; set; }

    [SupplyParameterFromQuery(Name = "status")]
    private string? Status { get; set; }

    protected override async Task OnInitializedAsync() => findings = await Reader.FindingsAsync(
        null, null, Enum.TryParse<FindingStatus>(Status, ignoreCase: true, out var status) ? status : null, PageToken, Context.RequestAborted);
}
