using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>What the gate would say to a promotion now.</summary>
public sealed partial class GatePage
{
    private GateDecision? decision;
    private IReadOnlyList<string> evidence = [];

    [Parameter]
    public required string ModelId { get; set; }

    [Parameter]
    public required int Number { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    private Caller Caller => Context.GetCaller();

    private string Version => $"/models/{ModelId}/versions/{Number}";

    protected override async Task OnInitializedAsync()
    {
        decision = await Reader.GateNowAsync(Caller, ModelId, Number, Context.RequestAborted);
        if (decision is null)
        {
            Context.Response.NotFound();
            return;
        }

        evidence = [.. (await Reader.VersionAsync(ModelId, Number, Context.RequestAborted))!.Evidence.Select(e => e.Check)];
    }
}
