using System.Text.Json;
using Governance.Cli.Commands;
using Governance.Core;

namespace Governance.Cli.Demo;

/// <summary>The folder of one tour: its facts (<c>tour.json</c>) and what it leaves.</summary>
internal sealed class TourFolder(string path)
{
    private const string FactsFile = "tour.json";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public Task SaveAsync(TourFacts facts, CancellationToken cancellationToken) =>
        InputFiles.WriteAsync(File(FactsFile), (stream, token) => JsonSerializer.SerializeAsync(stream, facts, GovernanceJson.Indented, token), cancellationToken);

    /// <summary>The facts of a tour that began here; null when none did, or they cannot be read.</summary>
    public async Task<TourFacts?> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return GovernanceJson.Deserialize<TourFacts>(await System.IO.File.ReadAllBytesAsync(File(FactsFile), cancellationToken));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The tour below <paramref name="root"/> that was begun last and is not done; null when there is none.</summary>
    public static async Task<TourFacts?> FindUnfinishedAsync(string root, int steps, CancellationToken cancellationToken)
    {
        var folders = Directory.Exists(root)
            ? new DirectoryInfo(root).EnumerateDirectories().OrderByDescending(d => System.IO.File.GetLastWriteTimeUtc(System.IO.Path.Combine(d.FullName, FactsFile)))
            : Enumerable.Empty<DirectoryInfo>();
        foreach (var folder in folders)
        {
            if (await new TourFolder(folder.FullName).LoadAsync(cancellationToken) is { } facts && facts.Steps.Count < steps)
            {
                return facts;
            }
        }

        return null;
    }
}
