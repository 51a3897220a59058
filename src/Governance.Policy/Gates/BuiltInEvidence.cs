using System.Text;
using Governance.Policy.Gates.Documents;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates;

/// <summary>The checks every pack may ask for and the measures each reports: <c>evidence.yaml</c>, which a test compares with the catalogue of checks.</summary>
public static class BuiltInEvidence
{
    internal static YamlSource Source { get; } = new("built-in evidence", Text());

    /// <summary>Names of the measures by check id.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Checks { get; } = Read();

    private static Dictionary<string, IReadOnlyList<string>> Read()
    {
        var reader = new DocumentReader();
        reader.Read(Source);
        return reader.Checks;
    }

    private static string Text()
    {
        using var stream = typeof(BuiltInEvidence).Assembly.GetManifestResourceStream("Governance.Policy.Gates.evidence.yaml")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
