using Governance.Ledger;

namespace Governance.Gateway.Hosting;

/// <summary>The logs of this process, by the name the API knows them by. Opened at start, closed with a last checkpoint at the end.</summary>
public sealed class GovernanceLogs : IAsyncDisposable
{
    public const string GovernanceName = "governance";
    public const string InferenceName = "inference";

    public GovernanceLogs(LedgerLog governance, string governanceFolder, LedgerLog inference, string inferenceFolder)
    {
        Governance = new NamedLog(GovernanceName, governance, governanceFolder);
        Inference = new NamedLog(InferenceName, inference, inferenceFolder);
    }

    public NamedLog Governance { get; }

    public NamedLog Inference { get; }

    public IReadOnlyList<NamedLog> All => [Governance, Inference];

    public NamedLog? Find(string name) => All.FirstOrDefault(l => l.Name == name);

    public async ValueTask DisposeAsync()
    {
        await Inference.Log.DisposeAsync();
        await Governance.Log.DisposeAsync();
    }
}

/// <param name="Folder">Where its files lie; a copy of it verifies anywhere.</param>
public sealed record NamedLog(string Name, LedgerLog Log, string Folder);
