using Governance.Gateway.Identity;
using Governance.Ledger;
using Governance.Reports.Definitions;

namespace Governance.Gateway.Hosting;

/// <summary>The process edge: starts the gateway, and turns a start that must not be into one line and an exit code.</summary>
internal static class GatewayHost
{
    /// <summary>Another process writes the data folder, or the storage refuses (EX_TEMPFAIL).</summary>
    public const int ExitStorage = 75;

    /// <summary>What is stored is not what was acknowledged (EX_DATAERR).</summary>
    public const int ExitDamaged = 65;

    /// <summary>Short names of the settings most used.</summary>
    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--data"] = "Gateway:DataFolder",
        ["--policy"] = "Gateway:PolicyFolder",
    };

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
            builder.Configuration.AddCommandLine(args, Switches);
            await using var app = await GatewayApplication.BuildAsync(builder);
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (Explain(e) is { } refused)
        {
            await Console.Error.WriteLineAsync("governance: " + refused.Message);
            return refused.ExitCode;
        }
    }

    private static (string Message, int ExitCode)? Explain(Exception e) => e switch
    {
        StartupRefusedException or ReportDefinitionException => (e.Message, StartupRefusedException.ExitCode),
        LedgerDamagedException or Storage.EventUnreadableException => (e.Message, ExitDamaged),
        LedgerException => (e.Message, ExitStorage),
        IOException or UnauthorizedAccessException => ($"The data folder or the address cannot be used: {e.Message}", ExitStorage),
        _ => null,
    };
}
