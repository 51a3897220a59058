using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>One version: where it stands, what the gate says, the evidence, and the form to sign it off.</summary>
public sealed partial class VersionPage
{
    private readonly Dictionary<Digest, CheckResult> results = [];
    private ModelDetails? model;
    private VersionDetails? version;
    private IReadOnlyList<HistoryEntry> history = [];
    private IReadOnlyList<ReviewTest> tests = [];
    private Page<FindingDetails> findings = new([], null);
    private Page<WaiverDetails> waivers = new([], null);

    [Parameter]
    public required string ModelId { get; set; }

    [Parameter]
    public required int Number { get; set; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalActions Actions { get; init; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    private Caller Caller => Context.GetCaller();

    private string Here => $"/models/{ModelId}/versions/{Number}";

    private string Title => model is null ? "No such version" : $"{model.Registration.Name}, version {Number}";

    protected override async Task OnInitializedAsync()
    {
        var cancellationToken = Context.RequestAborted;
        model = await Reader.ModelAsync(ModelId, null, cancellationToken);
        version = await Reader.VersionAsync(ModelId, Number, cancellationToken);
        if (model is null || version is null)
        {
            Context.Response.NotFound();
            return;
        }

        history = await Reader.HistoryAsync(ModelId, Number, cancellationToken);
        findings = await Reader.FindingsAsync(ModelId, Number, null, null, cancellationToken);
        waivers = await Reader.WaiversAsync(ModelId, Number, null, null, cancellationToken);
        tests = await Reader.TestsAsync(ModelId, Number, cancellationToken);
        foreach (var item in version.Evidence)
        {
            if (await Reader.EvidenceAsync(item.Envelope, cancellationToken) is { } result)
            {
                results[item.Envelope] = result;
            }
        }
    }

    private async Task<Refusal?> RunChecksAsync(string requestId) =>
        await Actions.RunChecksAsync(Caller, ModelId, Number, requestId, Context.RequestAborted);

    private async Task<Refusal?> PromoteAsync(string requestId) =>
        await Actions.PromoteAsync(Caller, ModelId, Number, requestId, Context.RequestAborted);
}
