using Governance.Ledger;

namespace Governance.Gateway.Erasure;

/// <summary>The root that names what an erasure destroys: RFC 6962 over the key references in ascending order, 16 bytes each.</summary>
internal static class DestroyedKeys
{
    public static string Root(IEnumerable<KeyRef> keys)
    {
        var frontier = new MerkleFrontier();
        foreach (var key in keys.OrderBy(k => k.Value))
        {
            frontier.Append(MerkleTree.LeafHash(key.ToArray()));
        }

        return frontier.Root().ToString();
    }
}
