using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>The examples of docs/serving.md, run as they stand against a gateway.</summary>
[Collection(nameof(LenderFixture))]
public sealed class ExampleTests(LenderFixture lender)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("python3", "decide.py")]
    [InlineData("/usr/bin/python3", "decide_requests.py")]
    [InlineData("java", "Decide.java")]
    public async Task A_program_gets_a_decision_and_its_receipt(string program, string example)
    {
        // Debian's package is of Debian's interpreter.
        Assert.SkipWhen(example == "decide_requests.py" && !Directory.Exists("/usr/lib/python3/dist-packages/requests"), "the package python3-requests is not installed");
        await GetsADecisionAsync(program, [Example(example)]);
    }

    /// <summary>The client is packed, and a program outside the repository is built from the packages.</summary>
    [Fact]
    public async Task A_program_of_the_packages_gets_a_decision_and_its_receipt()
    {
        using var folder = new TempFolder();
        foreach (var project in new[] { "Governance.Core", "Governance.Ledger", "Governance.Client" })
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            var (packed, said) = await RunAsync(
                "dotnet", ["pack", Path.Combine(SharedMaterial.RepositoryRoot, "src", project), "--no-build", "-c", configuration, "-o", folder.File("feed"), "-p:PackageVersion=1.0.0"]);
            Assert.True(packed == 0, said);
        }

        var installed = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(
            folder.File("nuget.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="packed" value="{folder.File("feed")}" /></packageSources>
              <fallbackPackageFolders><add key="installed" value="{installed}" /></fallbackPackageFolders>
            </configuration>
            """,
            Token);
        File.Copy(Example("Decide.cs"), folder.File("Decide.cs"));
        await GetsADecisionAsync("dotnet", ["run", folder.File("Decide.cs"), "--"], ("NUGET_PACKAGES", folder.File("packages")));
    }

    [Fact]
    public async Task Curl_gets_a_decision_and_its_proof()
    {
        var gateway = await lender.GatewayAsync();
        var (exit, output) = await RunAsync(
            "bash", [Example("decide.sh"), string.Join(',', Values())], ("GATEWAY", Address(gateway)), ("TOKEN", await gateway.TokenAsync("loans-app")), ("ROUTE", Lender.Model));
        Assert.True(exit == 0, output);
        Assert.NotNull(JsonNode.Parse(output[..output.IndexOf('\n', StringComparison.Ordinal)])!["parameters"]!["receipt"]);
        Assert.Contains("c2sp.org/tlog-proof@v1", output, StringComparison.Ordinal);
    }

    private async Task GetsADecisionAsync(string program, string[] example, params (string Name, string Value)[] environment)
    {
        var gateway = await lender.GatewayAsync();
        var (exit, output) = await RunAsync(program, [.. example, Address(gateway), await gateway.TokenAsync("loans-app"), Lender.Model, .. Values()], environment);
        Assert.True(exit == 0, output);
        var said = output.Trim().Split(' ');
        Assert.Contains(said[0], new[] { "favourable", "adverse" });
        Assert.Equal((await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries/" + said[1]))["leafHash"]!.GetValue<string>(), said[2]);

        var (refused, why) = await RunAsync(program, [.. example, Address(gateway), await gateway.TokenAsync("loans-app"), "nothing", "1"], environment);
        Assert.Equal((1, true), (refused, why.Contains("404", StringComparison.Ordinal)));
    }

    private static string Address(TestGateway gateway) => gateway.Address.AbsoluteUri.TrimEnd('/');

    private static IEnumerable<string> Values() => Lender.Call("x")["inputs"]![0]!["data"]!.AsArray().Select(v => v!.GetValue<float>().ToString("R", CultureInfo.InvariantCulture));

    private static string Example(string name) => Path.Combine(SharedMaterial.RepositoryRoot, "docs", "examples", name);

    private static async Task<(int Exit, string Output)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        Assert.SkipUnless((program == "bash" ? new[] { "bash", "curl" } : [program]).All(Installed), $"{program}, or what it calls, is not installed");
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output + await error);
    }

    private static bool Installed(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, program)));
}
