namespace Governance.Client.Tests;

/// <summary>Answers as a gateway sends them.</summary>
internal static class Samples
{
    public const string Model = """
        {"registration":{"id":"loans","name":"Loans","use":"PD","tier":"one","owner":"olivia","developers":["dana"],"jurisdictions":["EU"],"automation":"assisted"},
        "tierConfirmed":true,"registeredBy":"dana","registeredAt":"2026-01-02T03:04:05Z","versions":[]}
        """;

    public static string Run(string status, double progress) => $$"""
        {"id":"r1","modelId":"loans","version":1,"status":"{{status}}","seed":7,"startedAt":"2026-01-02T03:04:05Z",
        "checks":[{"check":"validation.discrimination","status":"running","progress":{{progress.ToString(System.Globalization.CultureInfo.InvariantCulture)}}}]}
        """.ReplaceLineEndings("");

    public static string Persona(string token, DateTimeOffset expires) =>
        $$"""{"accessToken":"{{token}}","tokenType":"Bearer","expiresAt":"{{expires:O}}"}""";
}
