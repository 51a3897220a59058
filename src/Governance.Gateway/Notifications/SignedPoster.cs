using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Governance.Serving.Upstreams;

namespace Governance.Gateway.Notifications;

/// <summary>Signs messages as Standard Webhooks says and posts them to one target; the address is checked when the connection is made. Thread-safe.</summary>
internal sealed class SignedPoster : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private readonly HttpClient http;
    private readonly Uri url;
    private readonly IReadOnlyList<WebhookSecret> secrets;
    private readonly TimeProvider time;

    /// <param name="options">Checked.</param>
    public SignedPoster(SignedTargetOptions options, TimeProvider time)
    {
        url = new Uri(options.Url);
        secrets = [.. new[] { options.Secret, options.PreviousSecret }.Select(WebhookSecret.TryParse).OfType<WebhookSecret>()];
        this.time = time;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (!options.AllowPrivate)
        {
            handler.ConnectCallback = new AddressGuard([]).ConnectAsync;
        }

        http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = 64 << 10 };
    }

    /// <summary>Posts once.</summary>
    /// <param name="id">Of this message: receivers drop one they have seen.</param>
    /// <param name="headers">Further headers.</param>
    /// <returns>Null when the target took it (2xx), or said that it is gone for good (410); else why not, for operators.</returns>
    public async Task<string?> PostAsync(
        string id, byte[] body, MediaTypeHeaderValue type, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = type;
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', secrets.Select(s => s.Sign(id, timestamp, body))));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

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
