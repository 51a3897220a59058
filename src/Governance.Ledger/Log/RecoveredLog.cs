namespace Governance.Ledger;

/// <summary>A log's files after recovery, open for writing: the tree's right edge, and the checkpoint that was found; null when there was none.</summary>
internal readonly record struct RecoveredLog(LogStore Store, MerkleFrontier Frontier, SignedNote? Checkpoint)
{
    /// <param name="acknowledged">What was acknowledged by this process, which must be found and beyond which is cut; null when it has just begun.</param>
    /// <exception cref="LedgerDamagedException">What is stored is not what was acknowledged.</exception>
    public static RecoveredLog Of(string folder, LedgerOptions options, IReadOnlyList<NoteVerifier> keys, MerkleFrontier? acknowledged)
    {
        var store = new LogStore(options.Files, folder, write: true, options.Ahead);
        try
        {
            var (frontier, checkpoint) = new Recovery(store, options.Signers[0].Verifier.Name, keys, acknowledged).Run();
            if (store.SegmentStarts.Count == 0)
            {
                store.Add(Segment.Create(options.Files, folder, 0, options.Time.GetUtcNow(), options.Ahead));
            }

            return new RecoveredLog(store, frontier, checkpoint);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
