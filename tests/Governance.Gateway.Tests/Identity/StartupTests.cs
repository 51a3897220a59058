using Governance.Gateway.Identity;
using Governance.Testing;

namespace Governance.Gateway.Tests.Identity;

/// <summary>The process itself: what it says and how it ends when identity is not configured as it must be.</summary>
public sealed class StartupTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Production_WithoutIssuer_EndsWithOneLine()
    {
        var (exit, error) = await RunAsync("Production");

        Assert.Equal(StartupRefusedException.ExitCode, exit);
        Assert.StartsWith("governance: Identity:Issuer is not set.", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Development_OnEveryAddress_Ends()
    {
        var (exit, error) = await RunAsync("Development", "--urls", "http://0.0.0.0:0");

        Assert.Equal(StartupRefusedException.ExitCode, exit);
        Assert.StartsWith("governance: The gateway would listen on http://0.0.0.0:0 without a configured issuer.", error, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Error)> RunAsync(string environment, params string[] arguments)
    {
        using var folder = new TempFolder();
        return await GatewayProgram.RunAsync(environment, ["--data", folder.File("data"), .. arguments], Cancellation);
    }
}
