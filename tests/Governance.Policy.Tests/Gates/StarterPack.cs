using System.Text.Json.Nodes;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;
using Governance.Testing;

namespace Governance.Policy.Tests.Gates;

/// <summary>The starter pack and a fresh copy of its base input.</summary>
internal static class StarterPack
{
    public static string Folder { get; } = Path.Combine(SharedMaterial.RepositoryRoot, "policies", "starter");

    public static PolicyPack Pack { get; } = PolicyPack.Load(Folder).Require();

    /// <summary>The files of the pack, by name.</summary>
    public static Dictionary<string, string> Files() =>
        Directory.EnumerateFiles(Folder, "*.yaml").ToDictionary(f => Path.GetFileName(f), File.ReadAllText, StringComparer.Ordinal);

    public static JsonObject Input() => PolicyTestRunner.ReadInput(Path.Combine(Folder, "tests", "base.yaml"));
}
