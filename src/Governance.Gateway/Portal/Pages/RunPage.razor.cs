using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Governance.Gateway.Portal.Components;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One run: its checks and shards while they run, with what may be done about it. Kept up to date by events where there is script.</summary>
public sealed partial class RunPage
{
    private const int MostShards = 200;
    private RunDetails? run;
    private RunExplanation? explanation;

    [Parameter]
    public required string RunId { get; set; }

    [Inject]
    public required IPortalRuns Runs { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    private string Version => $"/models/{run!.ModelId}/versions/{run.Version}";

    private bool IsOpen => run!.Status is RunStatus.Queued or RunStatus.Running;

    private bool MayAct => Context.GetCaller() is var caller && (caller.Is(Role.Developer) || caller.Is(Role.Validator));

    private IReadOnlyList<string> Failed => [.. run!.Checks.Where(c => c.Status == RunCheckStatus.Failed).Select(c => c.Check)];

    protected override void OnInitialized()
    {
        run = Runs.Find(RunId);
        explanation = run is null ? null : Runs.Explain(RunId);
        if (run is null)
        {
            Context.Response.NotFound();
        }
    }

    private static string CheckOf(WorkExplanation work) => work.Work.Split(' ')[0];

    private static string StateOf(ShardExplanation shard) =>
        shard.Problem ?? (shard.Work.All(w => w.Result is not null) ? shard.Runs == 0 ? "There before" : "Done" : shard.Runs > 0 ? "Tried" : "Waiting or at work");

    private async Task<Refusal?> CancelAsync(string requestId) => (await Runs.CancelAsync(Context.GetCaller(), run!, requestId, Context.RequestAborted)).Refusal;

    private Task<PortalOutcome> RetryAsync(FormFields fields, string requestId) =>
        Runs.StartAsync(Context.GetCaller(), run!.ModelId, run.Version, StartRunRequest.Again(run, Failed), requestId, Context.RequestAborted);
}
