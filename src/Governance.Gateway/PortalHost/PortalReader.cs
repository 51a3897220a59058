using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;
using Governance.Core.State;
using Governance.Gateway.Api;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Gateway.Portal;
using Governance.Gateway.Watching;

namespace Governance.Gateway.PortalHost;

/// <summary>What the pages read, from the same state and in the same form as the API.</summary>
internal sealed class PortalReader(
    Governor governor, IEventStore events, Views views, EvidenceSource evidence, GovernanceLogs logs, PolicyInForce policy, ReviewTests tests, LiveViews live, TimeProvider time) : IPortalReader
{
    private const string Promote = "promote";
    private const int PageSize = 25;
    private const int HistoryLength = 200;

    public ValueTask<Page<ModelSummary>> ModelsAsync(string? pageToken, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Paging.Of(PageSize, pageToken).Take(governor.State.Models, Views.Summary));

    public async ValueTask<ModelDetails?> ModelAsync(string modelId, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var state = asOf is { } instant ? await governor.AsOfAsync(instant, cancellationToken) : governor.State;
        return state.Model(modelId) is { } model ? Views.Details(model) : null;
    }

    public ValueTask<VersionDetails?> VersionAsync(string modelId, int version, CancellationToken cancellationToken)
    {
        var state = governor.State;
        return ValueTask.FromResult(state.Version(modelId, version) is { } found ? views.Details(state, found) : null);
    }

    public ValueTask<DatasetPicture?> DatasetAsync(string datasetId, CancellationToken cancellationToken)
    {
        var state = governor.State;
        return ValueTask.FromResult(state.Datasets.TryGetValue(datasetId, out var dataset) ? new DatasetPicture(dataset, DatasetLineage.Of(state, dataset)) : null);
    }

    public async ValueTask<IReadOnlyList<HistoryEntry>> HistoryAsync(string modelId, int version, CancellationToken cancellationToken)
    {
        var history = new List<HistoryEntry>();
        foreach (var position in governor.State.PositionsOf("model/" + modelId).Reverse())
        {
            await foreach (var recorded in events.ReadAsync(position, cancellationToken))
            {
                if (VersionHistory.Describe(recorded, version) is { } entry)
                {
                    history.Add(entry);
                }

                break;
            }

            if (history.Count == HistoryLength)
            {
                break;
            }
        }

        return history;
    }

    public async ValueTask<GateDecision?> GateNowAsync(Caller caller, string modelId, int version, CancellationToken cancellationToken)
    {
        var gate = await policy.VerifiedGateAsync(cancellationToken);
        var state = governor.State;
        return state.Version(modelId, version) is not { } found
            ? null
            : gate.Evaluate(Promote, GateInput.Build(state, found, Promote, PromotionTarget.Champion, caller, time.GetUtcNow(), gate));
    }

    public ValueTask<Page<FindingDetails>> FindingsAsync(
        string? modelId, int? version, FindingStatus? status, string? pageToken, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = governor.State.Models.Values
            .Where(m => modelId is null || m.Id == modelId)
            .SelectMany(m => m.Findings.Values)
            .Where(f => (version is not { } number || f.AppliesTo(number)) && (status is null || f.Status == status))
            .Select(f => KeyValuePair.Create(
                string.Create(CultureInfo.InvariantCulture, $"{(f.IsOpen ? 0 : 1)}.{9 - (int)f.Raised.Severity}.{f.Due.UtcTicks:D20}.{f.Position:D20}"), f))
            .OrderBy(p => p.Key, StringComparer.Ordinal);
        return ValueTask.FromResult(Paging.Of(PageSize, pageToken).Take(found, f => OversightViews.Details(f, now)));
    }

    public ValueTask<FindingDetails?> FindingAsync(string findingId, CancellationToken cancellationToken) => ValueTask.FromResult(
        governor.State.Finding(findingId) is { } finding ? OversightViews.Details(finding, time.GetUtcNow()) : null);

    public ValueTask<Page<WaiverDetails>> WaiversAsync(
        string? modelId, int? version, WaiverStatus? status, string? pageToken, CancellationToken cancellationToken)
    {
        var (state, now) = (governor.State, time.GetUtcNow());
        var found = state.Models.Values
            .Where(m => modelId is null || m.Id == modelId)
            .SelectMany(m => m.Waivers.Values)
            .Select(w => (Waiver: w, Status: state.StatusOf(w, now)))
            .Where(w => (version is not { } number || w.Waiver.Request.Version == number) && (status is null || w.Status == status))
            .Select(w => KeyValuePair.Create(
                string.Create(CultureInfo.InvariantCulture, $"{Urgency(w.Status)}.{w.Waiver.Request.Expires.UtcTicks:D20}.{w.Waiver.Position:D20}"), w.Waiver))
            .OrderBy(p => p.Key, StringComparer.Ordinal);
        return ValueTask.FromResult(Paging.Of(PageSize, pageToken).Take(found, w => OversightViews.Details(state, w, now)));
    }

    public ValueTask<WaiverDetails?> WaiverAsync(string waiverId, CancellationToken cancellationToken) => ValueTask.FromResult(
        governor.State.Waiver(waiverId) is { } waiver ? OversightViews.Details(governor.State, waiver, time.GetUtcNow()) : null);

    public ValueTask<RoutePicture?> RouteAsync(string name, int minutes, CancellationToken cancellationToken) => ValueTask.FromResult(
        live.Of(name, minutes) is { } traffic ? new RoutePicture(RouteEndpoints.Details(governor.State, name), traffic) : null);

    public ValueTask<IReadOnlyList<Alert>> AlertsAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Alerts.At(governor.State, time.GetUtcNow()));

    public ValueTask<TimeSpan> SignatureMaxAgeAsync(string modelId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(policy.Gate.Workflow(governor.State.Model(modelId)?.Registration.Tier ?? Tier.One).SignatureMaxAge);

    public ValueTask<CheckResult?> EvidenceAsync(Digest envelope, CancellationToken cancellationToken) => ValueTask.FromResult(evidence.Get(envelope)?.Result);

    public ValueTask<IReadOnlyList<ReviewTest>> TestsAsync(string modelId, int version, CancellationToken cancellationToken) =>
        ValueTask.FromResult(governor.State.Version(modelId, version) is { } found ? tests.Of(found) : []);

    public ValueTask<LogDetails?> LogAsync(CancellationToken cancellationToken) => ValueTask.FromResult<LogDetails?>(LogViews.Details(logs.Governance));

    public ValueTask<Page<LogEntry>> EntriesAsync(string? pageToken, CancellationToken cancellationToken)
    {
        var log = logs.Governance.Log;
        var (positions, next) = Paging.Of(PageSize, pageToken).Range(log.Size, descending: true);
        return ValueTask.FromResult(new Page<LogEntry>([.. positions.Select(p => LogEntries.Read(log.Reader, p))], next));
    }

    private static int Urgency(WaiverStatus status) => status switch { WaiverStatus.Requested => 0, WaiverStatus.Unreviewed => 1, WaiverStatus.Active => 2, _ => 3 };
}
