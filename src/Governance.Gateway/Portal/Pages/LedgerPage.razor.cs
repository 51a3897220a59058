using Governance.Client.Contracts;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>The governance log: checkpoint, entries, verification.</summary>
public sealed partial class LedgerPage
{
    private LogDetails? log;
    private Page<LogEntry> entries = new([], null);
    private VerificationDetails? verification;

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalActions Actions { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageToken { get; set; }

    protected override async Task OnInitializedAsync()
    {
        log = await Reader.LogAsync(Context.RequestAborted);
        entries = await Reader.EntriesAsync(PageToken, Context.RequestAborted);
    }

    private async Task VerifyAsync() => verification = await Actions.VerifyLedgerAsync(Context.RequestAborted);
}
