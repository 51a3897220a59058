using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core.Inventory;
using Governance.Testing;
using Microsoft.Playwright;

namespace Governance.Gateway.Tests.Portal;

/// <summary>
/// The pages in a real browser: axe-core finds nothing on any of them, in light and dark, wide and narrow. With
/// <c>GOVERNANCE_SCREENSHOTS</c> set to a folder, leaves a picture of each there.
/// </summary>
public sealed class BrowserTests
{
    private const string Version = "/models/consumer-credit/versions/3";

    private static readonly PageAssertionsToHaveURLOptions Patient = new() { Timeout = 30_000 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Chromium { get; } = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task EveryPage_HasNoAccessibilityViolation(ColorScheme scheme, int width)
    {
        var axe = await AxeAsync();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = host.Address.ToString(),
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
        });
        var page = await context.NewPageAsync();
        var findings = new List<string>();

        await page.GotoAsync("/sign-in");
        await CheckAsync(page, "sign-in", axe, scheme, width, findings);
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).ClickAsync();
        foreach (var (name, path) in new[]
        {
            ("inventory", "/"), ("model", "/models/consumer-credit"), ("version", Version), ("dataset", "/datasets/" + SampleReader.Dataset), ("ledger", "/ledger"), ("gate", Version + "/gate"), ("findings", "/findings"), ("finding", "/findings/" + SampleReader.Finding), ("raise", Version + "/raise-finding?rule=fairness-air"),
            ("waivers", "/waivers"), ("waiver", "/waivers/" + SampleReader.Waiver), ("emergency", "/waivers/" + SampleReader.Emergency), ("policy", "/policy"), ("proposal", SamplePolicies.Page),
            ("run", "/runs/" + SampleRuns.Ended), ("run-open", "/runs/" + SampleRuns.Open), ("shard-log", $"/runs/{SampleRuns.Ended}/shards/1"),
            ("start-run", Version + "/run"), ("schedules", "/schedules"), ("unknown", "/models/none"), ("problem", "/nonsense"), ("route", "/routes/" + SampleReader.Model), ("no-route", "/routes/none"),
            ("reviews", "/reviews"), ("review-unclaimed", SampleReviews.Page), ("run-ruled", "/runs/" + SampleRuns.Ruled),
        })
        {
            await page.GotoAsync(path);
            await CheckAsync(page, name, axe, scheme, width, findings);
            if (name is "version" or "start-run")
            {
                await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
                await CheckAsync(page, name + "-open", axe, scheme, width, findings);
            }
        }

        foreach (var (persona, name, path) in new[]
        {
            ("Dana Okafor", "request", Version + "/request-waiver?rule=fairness-air"), ("Olivia Brandt", "answer", "/findings/" + SampleReader.Finding),
            ("Chris Adeyemi", "review", "/waivers/" + SampleReader.Emergency),
        })
        {
            await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(path));
            await page.GetByRole(AriaRole.Button, new() { Name = persona }).ClickAsync();
            await CheckAsync(page, name, axe, scheme, width, findings);
        }

        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
    }

    [Fact]
    public async Task Keyboard_SkipsToTheContentAndSigns()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(Version));
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, Version).ToString(), Patient);

        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await page.GetByLabel("I approve the release").PressAsync("Space");
        await page.GetByLabel("What you looked at and concluded").FillAsync("Replicated the figures.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, Version + "?done=sign-off").ToString(), Patient);

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your signature is recorded.");
        Assert.Single(host.Actions.Asked);
    }

    [Fact]
    public async Task ARoute_ShowsNewFiguresByItself_AndHoldsStillForThoseWhoWantIt()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        foreach (var motion in new[] { ReducedMotion.NoPreference, ReducedMotion.Reduce })
        {
            host.Reader.LiveRequests = 48_211;
            await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString(), ReducedMotion = motion });
            var page = await context.NewPageAsync();
            await page.Clock.InstallAsync();
            await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/routes/" + SampleReader.Model));
            await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).ClickAsync();
            await Assertions.Expect(page.GetByText("48\u202f211")).ToBeVisibleAsync(new() { Timeout = 30_000 });

            host.Reader.LiveRequests = 48_999;
            await page.Clock.FastForwardAsync(60_000);
            if (motion == ReducedMotion.Reduce)
            {
                await Assertions.Expect(page.GetByText("48\u202f211")).ToBeVisibleAsync();
                await page.GetByRole(AriaRole.Button, new() { Name = "Update by itself" }).PressAsync("Enter");
                await page.Clock.FastForwardAsync(60_000);
            }

            await Assertions.Expect(page.GetByText("48\u202f999")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        }
    }

    [Fact]
    public async Task AValidator_StopsARouteWithoutScript()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/routes/" + SampleReader.Model));
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).PressAsync("Enter");
        await page.GetByLabel("Why it is stopped").FillAsync("Scores moved.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the route", Exact = true }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, "/routes/" + SampleReader.Model + "?done=stop-route").ToString(), Patient);
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The route is stopped");
        Assert.Contains("StopRoute", Assert.Single(host.Actions.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compliance_ApprovesAProposalWithTheKeyboardAndWithoutScript()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/policy"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Carla Moretti" }).PressAsync("Enter");
        await page.Locator($"a[href='{SamplePolicies.Page}']").PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("house 1.1.0", new() { Timeout = 30_000 });
        await Assertions.Expect(page.GetByText("1 of 2 versions in service")).ToBeVisibleAsync();

        await page.GetByLabel("What you looked at and concluded").FillAsync("Looked at the dry run.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, SamplePolicies.Page + "?done=policy-approved").ToString(), Patient);

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your approval is recorded.");
        Assert.Equal(["carla approves p2: Looked at the dry run."], host.Policies.Asked);
    }

    [Fact]
    public async Task Keyboard_FromWhatBlocksToAFindingAndAWaiver()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(Version));
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).PressAsync("Enter");

        await page.GetByRole(AriaRole.Link, new() { Name = "Raise a finding about Adverse impact ratio" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByLabel("What is wrong, and how it shows")).ToHaveValueAsync("Lowest adverse impact ratio is 0.74 (age=18-24), below 0.80.");
        await page.GetByLabel("What is wrong, in one line").FocusAsync();
        await page.Keyboard.TypeAsync("Young applicants");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByLabel("Severity")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Crit");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("dana");
        await page.GetByLabel("Due on").FillAsync("2031-01-31");
        await page.GetByRole(AriaRole.Button, new() { Name = "Raise the finding" }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, $"/findings/{SampleReader.Finding}?done=raise").ToString(), Patient);
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The finding is raised.");

        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(Version));
        await page.GetByRole(AriaRole.Button, new() { Name = "Dana Okafor" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ask for a waiver of Adverse impact ratio" }).PressAsync("Enter");
        foreach (var label in new[] { "Why the rule cannot be met now", "What may go wrong, in figures", "What limits the risk meanwhile", "How the waiver becomes unnecessary" })
        {
            await page.GetByLabel(label).FillAsync(label);
        }

        await page.GetByLabel("Until").FillAsync("2031-01-31");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for the waiver" }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, $"/waivers/{SampleReader.Waiver}?done=request").ToString(), Patient);

        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/waivers/" + SampleReader.Waiver));
        await page.GetByRole(AriaRole.Button, new() { Name = "Chris Adeyemi" }).PressAsync("Enter");
        await page.GetByLabel("Why the risk is acceptable").FillAsync("The control holds.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve the waiver" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your approval is recorded.", new() { Timeout = 30_000 });

        Assert.Collection(
            host.Actions.Asked,
            a => Assert.Contains("Severity = Critical, Owner = dana, Due = 01/31/2031 23:59:59 +00:00, Rule = fairness-air", a, StringComparison.Ordinal),
            a => Assert.Contains("Rule = fairness-air, Target = Champion, Reason = Why the rule cannot be met now", a, StringComparison.Ordinal),
            a => Assert.Contains("chris: ApproveWaiver", a, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARunThatGoesOn_IsShownAsItGoesOn()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString() });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/runs/" + SampleRuns.Open));
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).ClickAsync();
        await Assertions.Expect(page.GetByText("1 of 2 pieces")).ToBeVisibleAsync(new() { Timeout = 30_000 });

        host.Runs.Change(r => r with { Checks = [r.Checks[0] with { PiecesDone = 2, Progress = 1 }, r.Checks[1]] });
        await Assertions.Expect(page.GetByText("2 of 2 pieces")).ToBeVisibleAsync(new() { Timeout = 30_000 });

        // Its end changes what may be done.
        host.Runs.Change(r => r with { Status = RunStatus.Failed, Checks = [r.Checks[0] with { Status = RunCheckStatus.Recorded }, r.Checks[1] with { Status = RunCheckStatus.Failed }] });
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start the failed checks again" })).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Stop the run" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Keyboard_ChoosesChecksAndRunsThemWithoutScript()
    {
        SkipWithoutBrowser();
        await using var host = await PortalHost.StartAsync(Cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = host.Address.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(Version + "/run"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).PressAsync("Enter");
        var check = host.Runs.Checks.First(c => c.Parameters.Count > 0);
        await page.GetByLabel(check.Title, new() { Exact = true }).PressAsync("Space");
        await page.GetByText("Parameters of " + check.Title, new() { Exact = true }).ClickAsync();
        var parameter = check.Parameters[0];
        await page.Locator($"input[name='{check.Id}-{parameter.Name}']").FillAsync(parameter.Maximum.ToString("R", CultureInfo.InvariantCulture));
        await page.GetByLabel("Priority").SelectOptionAsync("High");
        await page.GetByLabel("Engine").SelectOptionAsync("slurm");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run the checks" }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, $"/runs/{SampleRuns.Open}?done=run-checks").ToString(), Patient);
        Assert.Equal([check.Id], host.Runs.Started!.Checks);
        Assert.Equal([(check.Id, parameter.Name, parameter.Maximum)], host.Runs.Started.Parameters!.SelectMany(c => c.Value.Select(p => (c.Key, p.Key, p.Value))));
        Assert.Equal((RunPriority.High, "slurm"), (host.Runs.Started.Priority, host.Runs.Started.Engine));

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the run" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The run is being stopped.", new() { Timeout = 30_000 });
        await page.GotoAsync("/runs/" + SampleRuns.Ended);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the failed checks again" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("have started again", new() { Timeout = 30_000 });
        Assert.Equal(["robustness.noise"], host.Runs.Started.Checks);
    }

    private static void SkipWithoutBrowser() => Assert.SkipUnless(File.Exists(Chromium), $"{Chromium} is not installed (apt-get install chromium, or set CHROMIUM)");

    private static Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });

    private static async Task<string> AxeAsync()
    {
        SkipWithoutBrowser();
        var path = Path.Combine(SharedMaterial.RepositoryRoot, "node_modules", "axe-core", "axe.min.js");
        Assert.SkipUnless(File.Exists(path), "axe-core is not installed (npm ci --ignore-scripts)");
        return await File.ReadAllTextAsync(path, Cancellation);
    }

    private static async Task CheckAsync(IPage page, string name, string axe, ColorScheme scheme, int width, List<string> findings)
    {
        await page.EvaluateAsync(axe);
        var violations = await page.EvaluateAsync<string[]>("""
            async () => (await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })).violations
              .flatMap(v => v.nodes.map(n => `${v.id} (${v.impact}): ${n.html.slice(0, 160)} ${n.any.map(a => a.message).join(" ").slice(0, 200)}`))
            """);
        findings.AddRange(violations.Select(v => $"{name} {scheme} {width}: {v}"));
        var wide = await page.EvaluateAsync<string[]>("""
            () => {
              const width = document.documentElement.clientWidth;
              return document.documentElement.scrollWidth <= width ? []
                : ["the page is wider than the window", ...[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width).slice(0, 4).map(e => e.outerHTML.slice(0, 120))];
            }
            """);
        if (wide.Length > 0)
        {
            findings.Add($"{name} {width}: {string.Join("; ", wide)}");
        }

        if (Environment.GetEnvironmentVariable("GOVERNANCE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"{name}-{scheme}-{width}.png").ToLowerInvariant();
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, file), FullPage = true });
        }
    }
}
