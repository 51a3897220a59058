namespace Governance.Ledger;

/// <summary>
/// The C2SP tlog-tiles read view of a log: <c>checkpoint</c>, <c>tile/…</c>, <c>tile/entries/…</c>. Serves only what the published checkpoint
/// covers; <c>checkpoint</c> is the witnessed one where the log has witnesses. Every resource but <c>checkpoint</c> is immutable and may be cached for ever. Thread-safe.
/// </summary>
public sealed class TileView(LedgerReader reader)
{
    /// <summary>The resource's bytes; null when there is none of this path, to be answered with 404.</summary>
    /// <param name="path">Relative to the log's prefix, without a leading slash.</param>
    public byte[]? Get(string path)
    {
        var note = reader.Checkpoint;
        if (string.Equals(path, LedgerPaths.Checkpoint, StringComparison.Ordinal))
        {
            return (reader.Witnessed ?? note)?.ToBytes();
        }

        var size = note is null ? 0 : Checkpoint.Parse(note.Text)!.Size;
        if (!TilePath.TryParse(path, out var tile) || !tile.ExistsAt(size))
        {
            return null;
        }

        return tile.Level is { } level ? reader.Nodes(8 * level, tile.Index * TilePath.FullWidth, tile.Width) : Bundle(tile);
    }

    private byte[] Bundle(TilePath tile)
    {
        var entries = reader.ReadFrom(tile.Index * TilePath.FullWidth, tile.Width).ToList();
        var bundle = new byte[entries.Sum(e => 2 + e.Bytes.Length)];
        var at = bundle.AsSpan();
        foreach (var entry in entries)
        {
            Frame.WriteEntry(at, entry.Bytes.Span);
            at = at[(2 + entry.Bytes.Length)..];
        }

        return bundle;
    }
}
