using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Gateway.Api;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Gateway.Portal;

namespace Governance.Gateway.PortalHost;

/// <summary>What the pages read, from the same state and in the same form as the API.</summary>
internal sealed class PortalReader(Governor governor, IEventStore events, Views views, EvidenceSource evidence, GovernanceLogs logs) : IPortalReader
{
    private const int PageSize = 25;

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

    public async ValueTask<IReadOnlyList<HistoryEntry>> HistoryAsync(string modelId, int version, CancellationToken cancellationToken)
    {
        var history = new List<HistoryEntry>();
        await foreach (var recorded in events.ReadAsync(0, cancellationToken))
        {
            if (recorded.Stream == "model/" + modelId && VersionHistory.Describe(recorded, version) is { } entry)
            {
                history.Add(entry);
            }
        }

        history.Reverse();
        return history;
    }

    public ValueTask<CheckResult?> EvidenceAsync(Digest envelope, CancellationToken cancellationToken) => ValueTask.FromResult(evidence.Get(envelope)?.Result);

    public ValueTask<LogDetails?> LogAsync(CancellationToken cancellationToken) => ValueTask.FromResult<LogDetails?>(LogViews.Details(logs.Governance));

    public ValueTask<Page<LogEntry>> EntriesAsync(string? pageToken, CancellationToken cancellationToken)
    {
        var log = logs.Governance.Log;
        var (positions, next) = Paging.Of(PageSize, pageToken).Range(log.Size, descending: true);
        return ValueTask.FromResult(new Page<LogEntry>([.. positions.Select(p => LogEntries.Read(log.Reader, p))], next));
    }
}
