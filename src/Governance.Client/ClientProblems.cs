using Governance.Client.Contracts;

namespace Governance.Client;

/// <summary>The problems a client finds itself, in the form of the gateway's own.</summary>
internal static class ClientProblems
{
    public const string UnreachableCode = "gateway-unreachable";

    public static Problem Unreachable(Uri? gateway, string reason) =>
        Of(503, UnreachableCode, "No answer", $"Cannot reach the gateway at {gateway}: {reason}. Is it running, and is the address right?");

    public static Problem TimedOut(TimeSpan limit) =>
        Of(504, "gateway-timeout", "No answer in time", $"The gateway did not answer within {limit.TotalSeconds:0} s. Try again; the same idempotency key makes that safe.");

    public static Problem Unreadable(int status, string reason) =>
        Of(status, "unexpected-answer", "Unexpected answer", $"The answer (HTTP {status}) is not what this client understands: {reason}. Is this a governance gateway of this version?");

    public static Problem Bare(int status, string? reason) => Of(status, "http-" + status, reason ?? "HTTP " + status, null);

    private static Problem Of(int status, string code, string title, string? detail) =>
        new() { Type = "urn:governance:problem:" + code, Title = title, Status = status, Detail = detail, Code = code };
}
