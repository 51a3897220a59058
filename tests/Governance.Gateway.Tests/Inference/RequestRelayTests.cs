using Governance.Gateway.Hosting;
using Governance.Gateway.Inference.Nodes;
using Governance.Serving;
using Governance.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Tests.Inference;

/// <summary>When a request that is another gateway's is not passed on, and what the caller is told.</summary>
public sealed class RequestRelayTests : IDisposable
{
    private static readonly Uri Nobody = new($"http://127.0.0.1:{FreePort.Find()}/");
    private readonly RequestRelay relay = new(Options.Create(new GatewayOptions { Replica = "a" }));

    public void Dispose() => relay.Dispose();

    [Fact]
    public async Task A_gateway_without_an_address_is_named()
    {
        var reason = await relay.AnswerAsync(Request(), new InferenceOutcome.Elsewhere("b", null));
        Assert.Contains("'b' has this request and says no address", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_known_by_a_certificate_cannot_be_spoken_for()
    {
        var request = Request();
        request.Request.Headers.Authorization = default;
        var reason = await relay.AnswerAsync(request, new InferenceOutcome.Elsewhere("b", Nobody));
        Assert.Contains("client certificate cannot be passed on", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c", "'c'")]
    [InlineData("<script>", "'?'")]
    public async Task What_was_passed_on_is_not_passed_on_again(string by, string named)
    {
        var request = Request();
        request.Request.Headers[RequestRelay.PassedOnBy] = by;
        var reason = await relay.AnswerAsync(request, new InferenceOutcome.Elsewhere("b", Nobody));
        Assert.Contains(named + " took another for it", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_does_not_listen_is_named()
    {
        var reason = await relay.AnswerAsync(Request(), new InferenceOutcome.Elsewhere("b", Nobody));
        Assert.Contains("'b' has this request and does not answer", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://a.bank.example:8443/", true)]
    [InlineData("https://a.bank.example", true)]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://a.bank.example/", false)]
    [InlineData("https://a.bank.example/gateway", false)]
    [InlineData("https://user@a.bank.example/", false)]
    [InlineData("https://a.bank.example/?q=1", false)]
    [InlineData("a.bank.example", false)]
    public void An_address_takes_tokens_only_over_tls(string address, bool isFit) =>
        Assert.Equal(!isFit, new GatewayOptions { NodeAddress = new Uri(address, UriKind.RelativeOrAbsolute) }.Faults().Any(f => f.StartsWith("Gateway:NodeAddress", StringComparison.Ordinal)));

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Path) = ("POST", "/v2/models/credit/infer");
        context.Request.Headers.Authorization = "Bearer token";
        return context;
    }
}
