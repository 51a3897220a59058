using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Serving;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One route, live: who answers, how fast, what is decided, what moved; and the kill switch.</summary>
public sealed partial class RoutePage
{
    private static readonly (string Word, int Minutes)[] Windows = [("15 minutes", 15), ("Hour", 60), ("Day", 24 * 60), ("30 days", 30 * 24 * 60)];

    private RoutePicture? picture;

    [Parameter]
    public required string Name { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalActions Actions { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [SupplyParameterFromQuery(Name = "minutes")]
    private int? Minutes { get; set; }

    private Caller Caller => Context.GetCaller();

    private int Window => Windows.Any(w => w.Minutes == Minutes) ? Minutes!.Value : 60;

    private RouteSettings Settings => picture!.Route.Settings;

    private string Reasons => Settings.Reasons is not { } rule ? "None" : $"{rule.When switch
    {
        ReasonsWhen.OnRequest => "On request",
        ReasonsWhen.Adverse => "With adverse decisions",
        _ => "Always",
    }}, at most {rule.Most}";

    private bool MayStop => Caller.Is(Role.Owner) || Caller.Is(Role.Validator) || Caller.Is(Role.Compliance);

    private (string Word, Tone Tone) Status => picture!.Route switch
    {
        { Answers: true } => ("Answers", Tone.Good),
        { ClosedCode: "stopped" } => ("Stopped", Tone.Bad),
        { ClosedCode: "suspended" } => ("Suspended", Tone.Bad),
        _ => ("Nothing promoted", Tone.Neutral),
    };

    protected override async Task OnInitializedAsync()
    {
        picture = await Reader.RouteAsync(Name, Window, Context.RequestAborted);
        if (picture is null)
        {
            Context.Response.NotFound();
        }
    }

    private Task<PortalOutcome> StopAsync(FormFields fields, string requestId) => DoAsync(new StopRoute(Name, fields.Text("Reason")), requestId);

    private Task<PortalOutcome> StartAsync(FormFields fields, string requestId) => DoAsync(new StartRoute(Name, fields.Text("Reason")), requestId);

    private async Task<PortalOutcome> DoAsync(Command command, string requestId) => await Actions.DoAsync(Caller, command, requestId, Context.RequestAborted);
}
