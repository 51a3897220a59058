using System.Net.Http.Headers;
using Governance.Core;

namespace Governance.Gateway.Notifications;

/// <summary>One target of notices. Thread-safe.</summary>
/// <param name="options">Checked.</param>
public sealed class WebhookTarget(string name, WebhookOptions options, TimeProvider time) : IDisposable
{
    private readonly SignedPoster poster = new(options, time);

    public string Name => name;

    public bool Wants(string type) => options.Types.Count == 0 || options.Types.Exists(t => Notices.Matches(t, type));

    /// <summary>Posts once.</summary>
    /// <returns>Null when the target took it (2xx), or said that it is gone for good (410); else why not, for operators.</returns>
    public Task<string?> PostAsync<TData>(CloudEvent<TData> notice, CancellationToken cancellationToken) => poster.PostAsync(
        notice.Id, GovernanceJson.Serialize(notice), new MediaTypeHeaderValue(CloudEvent<TData>.ContentType, "utf-8"), [], cancellationToken);

    public void Dispose() => poster.Dispose();
}
