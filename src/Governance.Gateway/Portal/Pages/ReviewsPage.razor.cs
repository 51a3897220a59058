using Governance.Client.Contracts;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>Decisions that wait for a person, as a work list.</summary>
public sealed partial class ReviewsPage
{
    private Page<ReviewDetails> reviews = new([], null);

    [Inject]
    public required IPortalReviews Reviews { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageToken { get; set; }

    protected override async Task OnInitializedAsync()
    {
        if (!Reviews.MaySee(Context.GetCaller()))
        {
            Context.Response.NotFound();
            return;
        }

        reviews = await Reviews.ListAsync(PageToken, Context.RequestAborted);
    }
}
