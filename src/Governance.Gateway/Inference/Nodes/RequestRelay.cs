using System.Buffers;
using System.Net.Http.Headers;
using Governance.Gateway.Hosting;
using Governance.Serving;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Governance.Gateway.Inference.Nodes;

/// <summary>
/// Passes a request on to the gateway that has answered it, as it came and in the name of its caller, and gives that gateway's answer unchanged: it
/// alone knows the answer, and judges caller and content itself. Thread-safe.
/// </summary>
internal sealed class RequestRelay : IDisposable
{
    /// <summary>Why a request that is another gateway's is not answered here.</summary>
    public const string Code = "request-answered-elsewhere";

    /// <summary>Names the gateway that passed a request on: nobody passes it on again.</summary>
    public const string PassedOnBy = "Governance-Passed-On-By";

    private const int LargestAnswer = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly string[] RequestHeaders = ["Authorization", "Accept", "Content-Type", InferenceBody.JsonLengthHeader];
    private static readonly string[] AnswerHeaders = ["Content-Type", "Retry-After", "WWW-Authenticate", InferenceBody.JsonLengthHeader];
    private readonly string node;
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        MaxConnectionsPerServer = 64,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = LargestAnswer,
    };

    public RequestRelay(IOptions<GatewayOptions> options) => node = options.Value.Replica ?? "";

    /// <param name="context">Its body was read, and not consumed.</param>
    /// <returns>Null when the answer was given; else why there is none, for the caller.</returns>
    public async ValueTask<string?> AnswerAsync(HttpContext context, InferenceOutcome.Elsewhere elsewhere)
    {
        if (WhyNot(context.Request, elsewhere) is { } reason)
        {
            return reason;
        }

        try
        {
            using var request = await RequestAsync(context, elsewhere.Address!);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, context.RequestAborted);
            await GiveAsync(context, answer);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return $"The gateway '{elsewhere.Node}' has this request and does not answer. Ask again with the same id; if it lasts, an operator must start '{elsewhere.Node}' or mend the way to it.";
        }
    }

    public void Dispose() => http.Dispose();

    private static string? WhyNot(HttpRequest request, InferenceOutcome.Elsewhere elsewhere) => elsewhere switch
    {
        { Node: var holder } when request.Headers.TryGetValue(PassedOnBy, out var by) =>
            $"The gateway '{holder}' has this request, and the gateway '{Word(by)}' took another for it. An operator must look at their Gateway:NodeAddress.",
        { Node: var holder, Address: null } =>
            $"The gateway '{holder}' has this request and says no address. Ask again until '{holder}' is reached; an operator can set its Gateway:NodeAddress.",
        { Node: var holder } when request.Headers.Authorization.Count == 0 =>
            $"The gateway '{holder}' has this request, and one that carries a client certificate cannot be passed on. Ask again until '{holder}' is reached, or send a token.",
        _ => null,
    };

    /// <summary>What somebody wrote into a header is not repeated unless it can be a gateway's name.</summary>
    private static string Word(StringValues by) => GatewayOptions.IsReplicaName(by.ToString()) ? by.ToString() : "?";

    private async ValueTask<HttpRequestMessage> RequestAsync(HttpContext context, Uri address)
    {
        var source = context.Request;
        var read = await source.BodyReader.ReadAsync(context.RequestAborted);
        var content = new ByteArrayContent(read.Buffer.ToArray());
        source.BodyReader.AdvanceTo(read.Buffer.End);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, source.GetEncodedPathAndQuery())) { Content = content };
        foreach (var name in RequestHeaders)
        {
            if (source.Headers.TryGetValue(name, out var values) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        request.Headers.Add(PassedOnBy, node);
        return request;
    }

    private static async Task GiveAsync(HttpContext context, HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var name in AnswerHeaders)
        {
            if (answer.Headers.NonValidated.TryGetValues(name, out var values) || answer.Content.Headers.NonValidated.TryGetValues(name, out values))
            {
                response.Headers[name] = values.ToArray();
            }
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
