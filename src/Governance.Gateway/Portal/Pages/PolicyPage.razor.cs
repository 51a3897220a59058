using Governance.Client.Contracts;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>The pack in force, its rules, and the proposals to change it.</summary>
public sealed partial class PolicyPage
{
    private PolicyDetails? policy;
    private IReadOnlyList<ProposalDetails> proposals = [];

    [Inject]
    public required IPortalPolicies Policies { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    protected override async Task OnInitializedAsync()
    {
        policy = await Policies.InForceAsync(Context.RequestAborted);
        proposals = await Policies.ProposalsAsync(Context.RequestAborted);
    }
}
