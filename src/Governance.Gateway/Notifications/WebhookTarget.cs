using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Governance.Core;
using Governance.Serving.Upstreams;

namespace Governance.Gateway.Notifications;

/// <summary>One target: signs and posts. Thread-safe.</summary>
public sealed class WebhookTarget : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private readonly HttpClient http;
    private readonly Uri url;
    private readonly IReadOnlyList<WebhookSecret> secrets;
    private readonly List<string> types;
    private readonly TimeProvider time;

    /// <param name="options">Checked.</param>
    public WebhookTarget(string name, WebhookOptions options, TimeProvider time)
    {
        Name = name;
        url = new Uri(options.Url);
        types = options.Types;
        secrets = [.. new[] { options.Secret, options.PreviousSecret }.Select(WebhookSecret.TryParse).OfType<WebhookSecret>()];
        this.time = time;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (!options.AllowPrivate)
        {
            handler.ConnectCallback = new AddressGuard([]).ConnectAsync;
        }

        http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = 64 << 10 };
    }

    public string Name { get; }

    public bool Wants(string type) => types.Count == 0 || types.Exists(t => Notices.Matches(t, type));

    /// <summary>Posts once.</summary>
    /// <returns>Null when the target took it (2xx), or said that it is gone for good (410); else why not, for operators.</returns>
    public async Task<string?> PostAsync<TData>(CloudEvent<TData> notice, CancellationToken cancellationToken)
    {
        var body = GovernanceJson.Serialize(notice);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEvent<TData>.ContentType, "utf-8");
        request.Headers.Add("webhook-id", notice.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', secrets.Select(s => s.Sign(notice.Id, timestamp, body))));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Gone ? null : $"answered {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "did not answer in time";
        }
    }

    public void Dispose() => http.Dispose();
}
