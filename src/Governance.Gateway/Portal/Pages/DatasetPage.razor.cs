using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One dataset: what it is, its files, and what it was made from.</summary>
public sealed partial class DatasetPage
{
    private DatasetPicture? picture;

    [Parameter]
    public required string DatasetId { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    protected override async Task OnInitializedAsync()
    {
        picture = await Reader.DatasetAsync(DatasetId, Context.RequestAborted);
        if (picture is null)
        {
            Context.Response.NotFound();
        }
    }
}
