using System.Net;
using Governance.Gateway.Tests.Portal;

namespace Governance.Gateway.Tests.Api;

/// <summary>Findings and waivers worked in the pages of a whole gateway, on the lender's models and the starter pack.</summary>
[Collection(nameof(LenderFixture))]
public sealed class PortalWorkTests(LenderFixture lender)
{
    private const string Version = $"/models/{Lender.Model}/versions/2";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_what_blocks_to_a_finding_a_waiver_and_its_place_in_the_decision()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        using var client = new PortalClient(gateway.Address);
        var date = DateTime.UtcNow.AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

        await client.SignInAsync("victor", Cancellation);
        var finding = await SubmitAsync(client, Version + "/raise-finding?rule=findings-high", "raise", new()
        {
            ["Title"] = "Overfits", ["Description"] = "AUC falls.", ["Severity"] = "High", ["Owner"] = "dana", ["Due"] = date,
        });
        Assert.Equal($"/findings/{Lender.Model}.f1?done=raise", finding);
        Assert.Contains("findings-high", await HtmlAsync(client, finding), StringComparison.Ordinal);
        Assert.Contains("Open findings of severity high: 1", await HtmlAsync(client, Version + "/gate"), StringComparison.Ordinal);
        Assert.Contains("Finding raised: Overfits", await HtmlAsync(client, Version), StringComparison.Ordinal);

        await client.SignInAsync("dana", Cancellation);
        Assert.Contains("/request-waiver?rule=findings-high", await HtmlAsync(client, Version + "/gate"), StringComparison.Ordinal);
        var waiver = await SubmitAsync(client, Version + "/request-waiver?rule=findings-high", "request", new()
        {
            ["Reason"] = "New data.", ["Risk"] = "Few.", ["Control"] = "A limit.", ["Exit"] = "Retrain.", ["Expires"] = date,
        });
        Assert.Equal($"/waivers/{Lender.Model}.w1?done=request", waiver);
        var page = waiver[..waiver.IndexOf('?', StringComparison.Ordinal)];
        foreach (var (persona, left) in new[] { ("olivia", "committee"), ("chris", null) })
        {
            await client.SignInAsync(persona, Cancellation);
            await SubmitAsync(client, page, "approve", new() { ["Comment"] = "Acceptable." });
            Assert.Contains(left is null ? "Counts until" : $"Still needed: {left}.", await HtmlAsync(client, page), StringComparison.Ordinal);
        }

        var decision = await HtmlAsync(client, Version + "/gate");
        Assert.Contains($"href=\"{page}\"", decision, StringComparison.Ordinal);
        Assert.Contains("1 waived", decision, StringComparison.Ordinal);

        await client.SignInAsync("dana", Cancellation);
        await SubmitAsync(client, $"/findings/{Lender.Model}.f1", "answer", new() { ["Response"] = "Retrained." });
        await client.SignInAsync("victor", Cancellation);
        await SubmitAsync(client, $"/findings/{Lender.Model}.f1", "close", new() { ["Verification"] = "Replicated." });
        Assert.Contains("Closed by Victor Lindqvist", await HtmlAsync(client, $"/findings/{Lender.Model}.f1"), StringComparison.Ordinal);
        Assert.Contains("Overfits", await HtmlAsync(client, "/findings?status=closed"), StringComparison.Ordinal);
        Assert.DoesNotContain("Overfits", await HtmlAsync(client, "/findings?status=open"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_domain_refuses_the_page_says()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        using var client = new PortalClient(gateway.Address);
        await client.SignInAsync("olivia", Cancellation);

        var (response, html) = await client.SubmitAsync(
            Version + "/request-waiver?rule=findings-closed", "request", new Dictionary<string, string> { ["Reason"] = "Because <b>." }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("cannot be waived by anybody", html, StringComparison.Ordinal);
        Assert.Contains("Because &lt;b&gt;.</textarea>", html, StringComparison.Ordinal);
    }

    private static async Task<string> HtmlAsync(PortalClient client, string path)
    {
        var (response, html) = await client.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return html;
    }

    /// <returns>Where the form leads when it is done.</returns>
    private static async Task<string> SubmitAsync(PortalClient client, string path, string form, Dictionary<string, string> fields)
    {
        var (response, html) = await client.SubmitAsync(path, form, fields, Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.Found, html);
        return new Uri(new Uri("http://here"), response.Headers.Location!).PathAndQuery;
    }
}
