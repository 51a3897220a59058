using System.Net;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Gateway.Tests.Identity;

namespace Governance.Gateway.Tests.Portal;

public sealed class PortalTests : IAsyncLifetime
{
    private const string Version = "/models/consumer-credit/versions/3";
    private static readonly Dictionary<string, string> Approval = new() { ["Input.Meaning"] = "Approved", ["Input.Comment"] = "Replicated the figures." };
    private readonly TestTime time = new();
    private PortalHost host = null!;
    private PortalClient client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host = await PortalHost.StartAsync(Cancellation, time: time);
        client = new PortalClient(host.Address);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/ledger")]
    [InlineData("/findings")]
    [InlineData("/waivers")]
    [InlineData(Version)]
    public async Task Page_NotSignedIn_GoesToSignInAndBack(string path)
    {
        var (response, _) = await client.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/sign-in?returnUrl=" + Uri.EscapeDataString(path), PathOf(response));
    }

    [Fact]
    public async Task SignIn_SetsAStrictHttpOnlyCookieAndReturns()
    {
        var (response, _) = await client.SubmitAsync(
            "/sign-in?returnUrl=%2Fledger", "persona", new Dictionary<string, string> { ["PersonaId"] = "audrey" }, Cancellation);

        Assert.Equal("/ledger", PathOf(response));
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), c => c.StartsWith("governance=", StringComparison.Ordinal));
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Audrey Chen", (await client.GetAsync("/ledger", Cancellation)).Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_ReturnsToThisSiteOnly(string elsewhere)
    {
        var (response, _) = await client.SubmitAsync(
            "/sign-in?returnUrl=" + Uri.EscapeDataString(elsewhere), "persona", new Dictionary<string, string> { ["PersonaId"] = "dana" }, Cancellation);

        Assert.Equal("/", PathOf(response));
    }

    [Theory]
    [InlineData("loans-app")]
    [InlineData("mallory")]
    public async Task SignIn_NotAPerson_IsRefused(string persona)
    {
        var (response, html) = await client.SubmitAsync("/sign-in", "persona", new Dictionary<string, string> { ["PersonaId"] = persona }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("There is no such persona.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_EndsWhenTheTokenDoes()
    {
        await client.SignInAsync("dana", Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/", Cancellation)).Response.StatusCode);

        time.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.Found, (await client.GetAsync("/", Cancellation)).Response.StatusCode);
    }

    [Fact]
    public async Task Form_WithoutAntiforgeryToken_IsRefused()
    {
        await client.SignInAsync("victor", Cancellation);

        var (response, _) = await client.PostAsync(Version, new Dictionary<string, string> { ["_handler"] = "run-checks" }, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(host.Actions.Asked);
    }

    [Theory]
    [InlineData("/sign-out")]
    [InlineData("/theme")]
    public async Task OtherForms_WithoutAntiforgeryToken_AreRefused(string path)
    {
        await client.SignInAsync("victor", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync(path, new Dictionary<string, string>(), Cancellation)).Response.StatusCode);
    }

    [Fact]
    public async Task SignOut_EndsTheSession()
    {
        await client.SignInAsync("victor", Cancellation);
        await client.SubmitAsync("/", "/sign-out", new Dictionary<string, string>(), Cancellation);

        Assert.Equal(HttpStatusCode.Found, (await client.GetAsync("/", Cancellation)).Response.StatusCode);
    }

    [Fact]
    public async Task SignOff_RecordsWhatWasShownAndReturnsToThePage()
    {
        await client.SignInAsync("victor", Cancellation);

        var (response, _) = await client.SubmitAsync(Version, "sign-off", Approval, Cancellation);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(Version + "?done=sign-off", PathOf(response));
        var binding = Digest.Of("binding"u8).Abbreviated;
        Assert.Equal([$"victor signs consumer-credit/3 as validator: Approved, Replicated the figures., {binding}"], host.Actions.Asked);
        var (_, html) = await client.GetAsync(Version + "?done=sign-off", Cancellation);
        Assert.Contains("Your signature is recorded.", html, StringComparison.Ordinal);
        Assert.Contains("Victor Lindqvist", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOff_Refused_SaysWhyAndKeepsTheComment()
    {
        await client.SignInAsync("victor", Cancellation);
        host.Actions.Answer = Refusal.Conflict("binding-changed", "The version changed <since> you looked.");

        var (response, html) = await client.SubmitAsync(Version, "sign-off", Approval, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("The version changed &lt;since&gt; you looked.", html, StringComparison.Ordinal);
        Assert.Contains(">Replicated the figures.</textarea>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOff_AfterFifteenMinutes_AsksToSignInAgain()
    {
        await client.SignInAsync("victor", Cancellation);
        time.Advance(TimeSpan.FromMinutes(16));

        var (_, html) = await client.GetAsync(Version, Cancellation);

        Assert.Contains("Sign in again", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Input.Comment", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dana", true, false, false)]
    [InlineData("victor", true, false, true)]
    [InlineData("olivia", false, true, true)]
    [InlineData("carla", false, false, true)]
    [InlineData("audrey", false, false, false)]
    [InlineData("adam", false, false, false)]
    public async Task Version_OffersOnlyTheFormsOfTheRole(string persona, bool run, bool promote, bool sign)
    {
        await client.SignInAsync(persona, Cancellation);

        var (_, html) = await client.GetAsync(Version, Cancellation);

        Assert.Equal(run, html.Contains("value=\"run-checks\"", StringComparison.Ordinal));
        Assert.Equal(promote, html.Contains("value=\"promote\"", StringComparison.Ordinal));
        Assert.Equal(sign, html.Contains("value=\"sign-off\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("victor", true, false)]
    [InlineData("dana", false, true)]
    [InlineData("olivia", false, true)]
    [InlineData("audrey", false, false)]
    public async Task Decision_SaysWhatBlocksFirstAndOffersWhatTheRoleMayDo(string persona, bool raise, bool waive)
    {
        await client.SignInAsync(persona, Cancellation);
        var (_, html) = await client.GetAsync(Version, Cancellation);

        Assert.Contains("3 of 6 rules block this version.", html, StringComparison.Ordinal);
        var order = new[] { "id=\"to-mend\"", "Adverse impact ratio at least four fifths", "id=\"no-evidence\"", "id=\"waiting\"", "1 waived", "2 passed" };
        Assert.Equal(order.Length, order.Select(o => html.IndexOf(o, StringComparison.Ordinal)).Where(i => i >= 0).Distinct().Count());
        Assert.Equal(order.Select(o => html.IndexOf(o, StringComparison.Ordinal)).Order(), order.Select(o => html.IndexOf(o, StringComparison.Ordinal)));
        Assert.Contains($"href=\"{Version}#evidence-fairness.adverse_impact\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"evidence-fairness.adverse_impact\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/waivers/consumer-credit.w3\"", html, StringComparison.Ordinal);
        Assert.Equal(raise, html.Contains("/raise-finding?rule=fairness-air", StringComparison.Ordinal));
        Assert.Equal(waive, html.Contains("/request-waiver?rule=fairness-air", StringComparison.Ordinal));
        Assert.DoesNotContain("/request-waiver?rule=robustness-missing", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_CountsItsTestsTogether()
    {
        await client.SignInAsync("victor", Cancellation);
        var (_, html) = await client.GetAsync(Version, Cancellation);
        var panel = html[html.IndexOf("id=\"tests-title\"", StringComparison.Ordinal)..];
        panel = panel[..panel.IndexOf("</section>", StringComparison.Ordinal)];

        Assert.Matches(@"Of 2 tests on measures the policy decides on, 1 stand after adjustment \(Holm\);\s+of 1 that screen, 1 \(Benjamini and Hochberg\)", panel);
        Assert.Contains("<a href=\"#evidence-fairness.adverse_impact\">Adverse impact ratio</a>", panel, StringComparison.Ordinal);
        Assert.Matches("age=60\\+</td>\\s*<td>policy</td>\\s*<td class=\"num\">0.031</td>\\s*<td class=\"num\">0.062</td>\\s*<td>no</td>", panel.Replace("&#x2B;", "+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("victor", "/findings/consumer-credit.f2", "close,reopen")]
    [InlineData("olivia", "/findings/consumer-credit.f2", "answer")]
    [InlineData("audrey", "/findings/consumer-credit.f2", "")]
    [InlineData("chris", "/waivers/consumer-credit.w2", "approve,deny")]
    [InlineData("carla", "/waivers/consumer-credit.w2", "deny")]
    [InlineData("dora", "/waivers/consumer-credit.w2", "deny")]
    [InlineData("dana", "/waivers/consumer-credit.w2", "revoke")]
    [InlineData("audrey", "/waivers/consumer-credit.w2", "")]
    [InlineData("chris", "/waivers/consumer-credit.w3", "review,revoke")]
    [InlineData("rosa", SampleReviews.Page, "claim")]
    [InlineData("carla", SampleReviews.Page, "")]
    public async Task Work_OffersOnlyTheFormsOfTheRole(string persona, string path, string forms)
    {
        await client.SignInAsync(persona, Cancellation);

        var (_, html) = await client.GetAsync(path, Cancellation);

        var offered = new[] { "answer", "close", "reopen", "approve", "deny", "review", "renew", "revoke", "claim", "decide", "release" }.Where(f => html.Contains($"value=\"{f}\"", StringComparison.Ordinal));
        Assert.Equal(forms, string.Join(',', offered));
    }

    [Theory]
    [InlineData(SampleRuns.Ended, true)]
    [InlineData(SampleRuns.Ruled, false)]
    public async Task Run_WithFeatureRulesOfItsOwn_IsNotOfferedAgain(string run, bool offered)
    {
        await client.SignInAsync("victor", Cancellation);

        var (_, html) = await client.GetAsync("/runs/" + run, Cancellation);

        Assert.Equal(offered, html.Contains("value=\"retry-run\"", StringComparison.Ordinal));
        Assert.Equal(!offered, html.Contains("gov run start --features FILE --check ID", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Review_IsClaimedReadAndDecided()
    {
        await client.SignInAsync("rosa", Cancellation);
        Assert.Contains(SampleReviews.Page, (await client.GetAsync("/reviews", Cancellation)).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("adverse", (await client.GetAsync(SampleReviews.Page, Cancellation)).Html, StringComparison.Ordinal);

        await client.SubmitAsync(SampleReviews.Page, "claim", new Dictionary<string, string>(), Cancellation);
        var (_, html) = await client.GetAsync(SampleReviews.Page, Cancellation);
        Assert.Contains("adverse", html, StringComparison.Ordinal);
        Assert.Contains("value=\"decide\"", html, StringComparison.Ordinal);

        await client.SubmitAsync(SampleReviews.Page, "decide", new Dictionary<string, string> { ["Outcome"] = "overridden", ["Reason"] = "Payslip." }, Cancellation);
        Assert.Equal(["rosa claims 41", "rosa 41 overridden: Payslip."], host.Reviews.Asked);
    }

    [Fact]
    public async Task Work_Refused_SaysWhyAndKeepsWhatWasTyped()
    {
        await client.SignInAsync("olivia", Cancellation);
        host.Actions.Answer = Refusal.Conflict("finding-closed", "Closed <meanwhile>.");

        var (response, html) = await client.SubmitAsync(
            "/findings/consumer-credit.f2", "answer", new Dictionary<string, string> { ["Response"] = "Retrained & measured." }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Closed &lt;meanwhile&gt;.", html, StringComparison.Ordinal);
        Assert.Contains(">Retrained &amp; measured.</textarea>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_AfterFifteenMinutes_AsksToSignInAgain()
    {
        await client.SignInAsync("victor", Cancellation);
        time.Advance(TimeSpan.FromMinutes(16));

        var (_, html) = await client.GetAsync("/findings/consumer-credit.f2", Cancellation);

        Assert.Contains("Sign in again", html, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"close\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunChecks_AndPromote_AreAskedFor()
    {
        await client.SignInAsync("dana", Cancellation);
        await client.SubmitAsync(Version, "run-checks", new Dictionary<string, string>(), Cancellation);
        await client.SignInAsync("olivia", Cancellation);
        await client.SubmitAsync(Version, "promote", new Dictionary<string, string>(), Cancellation);

        Assert.Equal(["dana runs consumer-credit/3", "olivia promotes consumer-credit/3"], host.Actions.Asked);
    }

    [Theory]
    [InlineData("/models/no-such-model")]
    [InlineData("/models/consumer-credit/versions/9/gate")]
    [InlineData("/findings/consumer-credit.f9")]
    [InlineData("/waivers/nothing")]
    [InlineData("/datasets/nothing")]
    [InlineData("/models/consumer-credit/versions/9")]
    [InlineData("/models/consumer-credit?asOf=2020-01-01")]
    public async Task Unknown_404(string path)
    {
        await client.SignInAsync("dana", Cancellation);

        var (response, html) = await client.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("<h1>No such", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ledger_Verify_ShowsTheOutcome()
    {
        await client.SignInAsync("audrey", Cancellation);
        Assert.Contains("The whole log verifies", (await client.SubmitAsync("/ledger", "verify", new Dictionary<string, string>(), Cancellation)).Html, StringComparison.Ordinal);

        host.Actions.Answer = Refusal.Conflict("x", "x");
        var (_, html) = await client.SubmitAsync("/ledger", "verify", new Dictionary<string, string>(), Cancellation);
        Assert.Contains("The log does not verify", html, StringComparison.Ordinal);
        Assert.Contains("Entry 17: the leaf hash differs.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_DoesNotTakeThePortalsCookie()
    {
        await client.SignInAsync("dana", Cancellation);

        var (response, html) = await client.GetAsync("/api/me", Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("<p class=\"problem-status\">401</p>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressOfNothing_404AsAPage()
    {
        await client.SignInAsync("dana", Cancellation);

        var (response, html) = await client.GetAsync("/nonsense", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is nothing at this address.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_AllowNoForeignContent()
    {
        await client.SignInAsync("dana", Cancellation);

        var (response, html) = await client.GetAsync(Version, Cancellation);

        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("no-store", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("style=\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Theme_IsKeptWithoutScript()
    {
        await client.SignInAsync("dana", Cancellation);
        var (response, _) = await client.SubmitAsync("/ledger", "/theme", new Dictionary<string, string> { ["theme"] = "dark" }, Cancellation);

        Assert.Equal("/ledger", PathOf(response));
        Assert.Contains("<html lang=\"en\" data-theme=\"dark\">", (await client.GetAsync("/", Cancellation)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assets_AreKeptForEverUnderTheirOwnAddress()
    {
        var (_, html) = await client.GetAsync("/sign-in", Cancellation);
        var start = html.IndexOf("/assets/portal.css?v=", StringComparison.Ordinal);
        var (response, css) = await client.GetAsync(html[start..html.IndexOf('"', start)], Cancellation);

        Assert.Equal("text/css", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Contains("--accent", css, StringComparison.Ordinal);
    }

    /// <summary>The redirect's path on this host.</summary>
    private string PathOf(HttpResponseMessage response)
    {
        var location = new Uri(host.Address, response.Headers.Location!);
        Assert.Equal(host.Address.Authority, location.Authority);
        return location.PathAndQuery;
    }
}
