using Governance.Client.Contracts;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One decision that waits for a person: who has it, what it rests on, and the forms to claim, decide and release it.</summary>
public sealed partial class ReviewPage
{
    private static readonly (string Value, string Word)[] Outcomes = [("confirmed", "Confirm: the decision stands"), ("overridden", "Override: the other decision holds")];

    private ReviewDetails? review;

    [Parameter]
    public long Id { get; set; }

    [Inject]
    public required IPortalReviews Reviews { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    private Caller Caller => Context.GetCaller();

    private bool MayClaim => Caller.Is(Role.Reviewer) && review!.Status == "pending";

    private bool IsMine => review!.Status == "claimed" && review.Person == Caller.Subject;

    protected override async Task OnInitializedAsync()
    {
        review = Reviews.MaySee(Caller) ? await Reviews.FindAsync(Caller, Id, Context.RequestAborted) : null;
        if (review is null)
        {
            Context.Response.NotFound();
        }
    }

    private string Here(string done) => FormattableString.Invariant($"/reviews/{Id}?done={done}");

    private async Task<PortalOutcome> ClaimAsync(FormFields fields, string requestId) => new(await Reviews.ClaimAsync(Caller, Id, Context.RequestAborted));

    private async Task<PortalOutcome> ReleaseAsync(FormFields fields, string requestId) => new(await Reviews.ReleaseAsync(Caller, Id, Context.RequestAborted));

    private async Task<PortalOutcome> DecideAsync(FormFields fields, string requestId) =>
        new(await Reviews.DecideAsync(Caller, Id, fields.Text("Outcome"), fields.Text("Reason"), Context.RequestAborted));
}
