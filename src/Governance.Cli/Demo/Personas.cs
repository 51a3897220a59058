namespace Governance.Cli.Demo;

/// <summary>Who acts in the tour: personas of a gateway in Development.</summary>
internal static class Personas
{
    public const string Developer = "dana";
    public const string Owner = "olivia";
    public const string Validator = "victor";
    public const string Committee = "chris";
    public const string Compliance = "carla";
    public const string Dpo = "dora";
    public const string Auditor = "audrey";
    public const string Application = "loans-app";

    /// <summary>Who acts in a role that a gate waits for; null for a role nobody of the tour has.</summary>
    public static string? InRole(string role) => role switch
    {
        "owner" => Owner,
        "validator" => Validator,
        "committee" => Committee,
        "compliance" => Compliance,
        _ => null,
    };
}
