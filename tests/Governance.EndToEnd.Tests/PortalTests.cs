using Governance.Core.Inventory;
using Governance.Testing;
using Microsoft.Playwright;

namespace Governance.EndToEnd.Tests;

/// <summary>A validator in a real browser, on the real gateway and what the tour left in it.</summary>
public sealed class PortalTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Chromium { get; } = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_validator_reads_rejects_and_verifies_and_every_page_is_accessible()
    {
        Programs.Need("weasyprint", "weasyprint");
        Assert.SkipUnless(File.Exists(Chromium), $"{Chromium} is not installed (apt-get install chromium, or set CHROMIUM)");
        await using var gateway = await GatewayProcess.StartAsync(folder.File("data"), Token);
        var tour = await Programs.GovAsync(
            ["demo", "--url", gateway.Address.AbsoluteUri, "--data", folder.File("data"), "--out", folder.File("out"), "--run-id", "00c0ffee", "--json"], Token);
        Assert.True(tour.ExitCode == 0, tour.Error);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = gateway.Address.AbsoluteUri });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Victor Lindqvist" }).ClickAsync();
        var patient = new PageAssertionsToHaveURLOptions { Timeout = 30_000 };

        // The biased version was denied in the tour; the validator now rejects it for good.
        const string Biased = "/models/synthetic-00c0ffee/versions/1";
        await page.GotoAsync(Biased);
        await Assertions.Expect(page.GetByText("Lowest adverse impact ratio").First).ToBeVisibleAsync();
        await page.GetByLabel("I reject the release").CheckAsync();
        await page.GetByLabel("What you looked at and concluded").FillAsync("Origin decides; see the impact ratio.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(gateway.Address, Biased + "?done=sign-off").AbsoluteUri, patient);

        using var callers = new Callers(gateway.Address);
        var version = await callers.As("audrey").GetVersionAsync("synthetic-00c0ffee", 1, null, Token);
        Assert.Equal(VersionStatus.Rejected, version.Status);
        var signature = Assert.Single(version.SignOffs);
        Assert.Equal(("victor", SignOffMeaning.Rejected, "Origin decides; see the impact ratio."), (signature.Person, signature.Meaning, signature.Comment));

        await page.GotoAsync("/ledger");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The whole log verifies");
        await AxeFindsNothingAsync(page, "/", "/models/synthetic-00c0ffee", Biased, "/models/synthetic-00c0ffee/versions/2", "/ledger");
    }

    private static async Task AxeFindsNothingAsync(IPage page, params string[] paths)
    {
        var axe = await File.ReadAllTextAsync(Path.Combine(SharedMaterial.RepositoryRoot, "node_modules", "axe-core", "axe.min.js"), Token);
        foreach (var path in paths)
        {
            await page.GotoAsync(path);
            await page.EvaluateAsync(axe);
            var serious = await page.EvaluateAsync<string[]>("""
                async () => (await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations
                  .map(v => `${v.id} (${v.impact}): ${v.nodes.length} x ${v.nodes[0].html.slice(0, 160)}`)
                """);
            Assert.True(serious.Length == 0, $"{path}: {string.Join("; ", serious)}");
        }
    }
}
