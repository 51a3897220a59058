namespace Governance.Testing;

/// <summary>
/// Finds the material that tests share but the project does not ship: reference cases and conformance vectors.
/// The folder is <c>$GOVERNANCE_SHARED</c>, else <c>../shared</c> beside the repository.
/// </summary>
public static class SharedMaterial
{
    /// <summary>The trait every test driven by shared material carries: <c>[Trait("Category", Conformance)]</c>.</summary>
    public const string Conformance = "Conformance";

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("GOVERNANCE_SHARED") is { Length: > 0 } configured
            ? Path.GetFullPath(configured)
            : Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared"));

    /// <summary>The folders of <c>cases/</c> that hold an <c>expected.json</c>, in name order; empty when there are none.</summary>
    public static IEnumerable<string> CaseFolders() =>
        Folders("cases").Where(f => File.Exists(Path.Combine(f, "expected.json")));

    /// <summary>Files below <c>conformance/{folder}</c> with the given extension, in name order; empty when there are none.</summary>
    public static IEnumerable<string> ConformanceFiles(string folder, string extension = ".json")
    {
        var path = Path.Combine(Root, "conformance", folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*" + extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>Skips the calling test, saying what is absent and where it was looked for, when the folder is not there.</summary>
    public static void SkipUnlessPresent(string relativePath)
    {
        var path = Path.Combine(Root, relativePath);
        Assert.SkipUnless(Path.Exists(path), $"{relativePath} is not under {Root} (set GOVERNANCE_SHARED)");
    }

    private static IEnumerable<string> Folders(string name)
    {
        var path = Path.Combine(Root, name);
        return Directory.Exists(path) ? Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal) : [];
    }

    private static string FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Governance.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Governance.sln is not above " + AppContext.BaseDirectory);
    }
}
