using System.Reflection;

namespace Governance.EndToEnd.Tests;

/// <summary>Where the programs under test were built.</summary>
internal static class Programs
{
    public static string Gateway { get; } = Find("GatewayProgram");

    public static string Cli { get; } = Find("CliProgram");

    private static string Find(string name) =>
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!;
}
