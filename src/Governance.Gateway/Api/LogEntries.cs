using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Gateway.Api;

/// <summary>Entries of either log as the API and the portal show them.</summary>
public static class LogEntries
{
    public static LogEntry Read(LedgerReader reader, long index)
    {
        var bytes = reader.Read(index);
        return LogEntry.Read(index, bytes, MerkleTree.LeafHash(bytes).ToString());
    }
}
