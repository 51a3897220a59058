using System.Globalization;
using Governance.Client.Contracts;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>A model and its versions, now or as of a date.</summary>
public sealed partial class ModelPage
{
    private ModelDetails? model;
    private DateTimeOffset? instant;

    [Parameter]
    public required string ModelId { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "asOf")]
    private string? AsOf { get; set; }

    protected override async Task OnInitializedAsync()
    {
        instant = EndOf(AsOf);
        model = await Reader.ModelAsync(ModelId, instant, Context.RequestAborted);
        if (model is null)
        {
            Context.Response.NotFound();
        }
    }

    /// <summary>The last moment of a day in UTC; null for no day.</summary>
    private static DateTimeOffset? EndOf(string? date) =>
        DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue
            ? new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).AddSeconds(-1)
            : null;
}
