using System.Globalization;
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
            ("inventory", "/"), ("model", "/models/consumer-credit"), ("version", Version), ("ledger", "/ledger"), ("policy", "/policy"), ("proposal", SamplePolicies.Page), ("unknown", "/models/none"), ("problem", "/nonsense"),
        })
        {
            await page.GotoAsync(path);
            await CheckAsync(page, name, axe, scheme, width, findings);
            if (name == "version")
            {
                await page.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
                await CheckAsync(page, "version-open", axe, scheme, width, findings);
            }
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
        await page.GetByRole(AriaRole.Link, new() { Name = "proposed by victor" }).PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("house 1.1.0", new() { Timeout = 30_000 });
        await Assertions.Expect(page.GetByText("1 of 2 versions in service")).ToBeVisibleAsync();

        await page.GetByLabel("What you looked at and concluded").FillAsync("Looked at the dry run.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(host.Address, SamplePolicies.Page + "?done=policy-approved").ToString(), Patient);

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your approval is recorded.");
        Assert.Equal(["carla approves p2: Looked at the dry run."], host.Policies.Asked);
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
        if (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
        {
            findings.Add($"{name} {width}: the page is wider than the window");
        }

        if (Environment.GetEnvironmentVariable("GOVERNANCE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"{name}-{scheme}-{width}.png").ToLowerInvariant();
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, file), FullPage = true });
        }
    }
}
