using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>The form to run checks, made from what the checks say of themselves. No check chosen stands for the standard ones.</summary>
public sealed partial class StartRunPage
{
    [Parameter]
    public required string ModelId { get; set; }

    [Parameter]
    public required int Number { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalRuns Runs { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    private bool MayRun => Context.GetCaller() is var caller && (caller.Is(Role.Developer) || caller.Is(Role.Validator));

    private string Today => Time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    protected override async Task OnInitializedAsync()
    {
        if (await Reader.VersionAsync(ModelId, Number, Context.RequestAborted) is null)
        {
            Context.Response.NotFound();
        }
    }

    private async Task<PortalOutcome> StartAsync(FormFields fields, string requestId)
    {
        var chosen = Runs.Checks.Where(c => fields.Text(CheckField.Chosen(c)).Length > 0).ToList();
        var typed = chosen.SelectMany(c => c.Parameters.Select(p => (Check: c, Parameter: p, Text: fields.Text(CheckField.NameOf(c, p))))).Where(t => t.Text.Length > 0).ToList();
        var parameters = new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal);
        foreach (var (check, parameter, text) in typed)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            {
                return new PortalOutcome(Refusal.Invalid("invalid-parameter", $"{check.Id}.{parameter.Name} must be a number."));
            }

            if (!value.Equals(parameter.Default))
            {
                var given = parameters.TryGetValue(check.Id, out var others) ? (Dictionary<string, double>)others : new Dictionary<string, double>(StringComparer.Ordinal);
                given[parameter.Name] = value;
                parameters[check.Id] = given;
            }
        }

        return await Runs.StartAsync(
            Context.GetCaller(), ModelId, Number,
            new StartRunRequest([.. chosen.Select(c => c.Id)], NoCache: fields.Text("NoCache") == "yes")
            {
                Parameters = parameters,
                Priority = fields.Choice<RunPriority>("Priority") ?? RunPriority.Normal,
                Deadline = fields.EndOfDay("Deadline"),
                Engine = fields.Text("Engine") is { Length: > 0 } engine && engine != Runs.Engines[0] ? engine : null,
            },
            requestId, Context.RequestAborted);
    }
}
