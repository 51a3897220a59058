namespace Governance.Ledger;

/// <summary>
/// Verifies a log that is served (C2SP tlog-tiles) as <see cref="LedgerVerifier"/> verifies one in a folder: the same request, the same report,
/// with resource paths where files would stand. Keys must be given. Throws only <see cref="LedgerUnavailableException"/>, when the log cannot be
/// reached, and for cancellation. Stateless.
/// </summary>
public static class TileVerifier
{
    /// <summary>
    /// The checkpoint's signature and cosignatures, its root against the tiles' right edge, that the log extends every saved checkpoint, and the given
    /// receipts and entries. Fetches some tiles, whatever the size of the log.
    /// </summary>
    public static Task<VerificationReport> VerifyAsync(ITileSource source, VerificationRequest request, CancellationToken cancellationToken) =>
        RunAsync(source, request, readAll: false, cancellationToken);

    /// <summary>All that <see cref="VerifyAsync"/> checks, and every entry and every tile: the tree is rebuilt from the entries and compared.</summary>
    public static Task<VerificationReport> FsckAsync(ITileSource source, VerificationRequest request, CancellationToken cancellationToken) =>
        RunAsync(source, request, readAll: true, cancellationToken);

    private static async Task<VerificationReport> RunAsync(ITileSource source, VerificationRequest request, bool readAll, CancellationToken cancellationToken)
    {
        var origin = request.Keys.Count > 0 ? request.Keys[0].Name : throw new ArgumentException("A served log is verified with keys obtained elsewhere.", nameof(request));
        var run = new Run(request, origin);
        Checkpoint? checkpoint = null;
        try
        {
            var log = await TileLog.OpenAsync(source, origin, request.Keys, cancellationToken);
            checkpoint = log.Checkpoint;
            if (readAll)
            {
                await run.RebuildAsync(log, cancellationToken);
            }

            run.CheckWitnesses(log);
            await run.CheckSavedAsync(log, cancellationToken);
            await run.CheckReceiptsAsync(log, cancellationToken);
            await run.CheckEntriesAsync(log, cancellationToken);
        }
        catch (LedgerDamagedException e)
        {
            run.Found(e.Finding);
        }

        return new VerificationReport(origin, checkpoint, KeySource.Given, run.EntriesRead, default, run.Findings);
    }

    private sealed class Run(VerificationRequest request, string origin)
    {
        private readonly List<LedgerFinding> _findings = [];

        public IReadOnlyList<LedgerFinding> Findings => _findings;

        public long EntriesRead { get; private set; }

        public void Found(LedgerFinding finding)
        {
            if (_findings.Count < LedgerVerifier.MaximumFindings)
            {
                _findings.Add(finding);
            }
        }

        public void CheckWitnesses(TileLog log)
        {
            if (request.Policy is { } policy && !policy.IsSatisfiedBy(log.Note, out _))
            {
                Found(new LedgerFinding(LedgerFault.NotWitnessed, LedgerPaths.Checkpoint, "The cosignatures that verify do not make the policy's quorum."));
            }
        }

        public async Task CheckSavedAsync(TileLog log, CancellationToken cancellationToken)
        {
            foreach (var (i, bytes) in request.SavedCheckpoints.Index())
            {
                var name = $"saved checkpoint {i + 1}";
                if (!Checkpoint.TryVerify(bytes.Span, origin, request.Keys, out var saved, out var error))
                {
                    Found(new LedgerFinding(LedgerFault.SignatureInvalid, name, error));
                }
                else if (saved.Size > log.Checkpoint.Size)
                {
                    Found(new LedgerFinding(
                        LedgerFault.Inconsistent, name, $"The log was rolled back: it ends at {log.Checkpoint.Size}, the saved checkpoint at {saved.Size}.", log.Checkpoint.Size));
                }
                else if (!await log.ExtendsAsync(saved, cancellationToken))
                {
                    Found(new LedgerFinding(
                        LedgerFault.Inconsistent, name, $"The log is not an extension of the saved checkpoint of size {saved.Size}: its history was rewritten."));
                }
            }
        }

        public async Task CheckReceiptsAsync(TileLog log, CancellationToken cancellationToken)
        {
            foreach (var (i, (bytes, entry)) in request.Receipts.Index())
            {
                var name = $"receipt {i + 1}";
                if (!InclusionReceipt.TryParse(bytes.Span, out var receipt, out var error) || !receipt.Verify(entry.Span, origin, request.Keys, out error))
                {
                    Found(new LedgerFinding(LedgerFault.ReceiptInvalid, name, error));
                }
                else if (request.Policy is { } policy && !policy.IsSatisfiedBy(receipt.Checkpoint, out _))
                {
                    Found(new LedgerFinding(LedgerFault.NotWitnessed, name, "The cosignatures of the receipt's checkpoint do not make the policy's quorum.", receipt.Index));
                }
                else if (!await log.ExtendsAsync(Checkpoint.Parse(receipt.Checkpoint.Text)!, cancellationToken))
                {
                    Found(new LedgerFinding(
                        LedgerFault.Inconsistent, name, "The receipt is genuine, but this log does not extend the checkpoint it was given under.", receipt.Index));
                }
            }
        }

        public async Task CheckEntriesAsync(TileLog log, CancellationToken cancellationToken)
        {
            foreach (var index in request.Entries.Concat(EntrySample.Draw(request.Sample, log.Checkpoint.Size)))
            {
                if (index < 0 || index >= log.Checkpoint.Size)
                {
                    Found(new LedgerFinding(LedgerFault.LengthWrong, LedgerPaths.Checkpoint, $"The checkpoint covers {log.Checkpoint.Size} entries, not this one.", index));
                    continue;
                }

                try
                {
                    await log.ReadAsync(index, cancellationToken);
                    EntriesRead++;
                }
                catch (LedgerDamagedException e)
                {
                    Found(e.Finding with { EntryIndex = index });
                }
            }
        }

        // Entries against level 0, and the nodes they complete against the levels above; each contradiction has its resource and its entry.
        public async Task RebuildAsync(TileLog log, CancellationToken cancellationToken)
        {
            var frontier = new MerkleFrontier();
            var above = new List<MerkleHash>[LedgerPaths.MaximumLevel / 8 + 1];
            await foreach (var (path, entries) in log.BundlesAsync(cancellationToken))
            {
                var first = frontier.Size;
                var leaves = entries.Select(e => MerkleTree.LeafHash(e.Span)).ToArray();
                await CompareAsync(log, 0, first / TilePath.FullWidth, leaves, path, first, cancellationToken);
                EntriesRead += leaves.Length;
                frontier.Append(leaves, (level, _, nodes) =>
                {
                    if (level > 0 && level % 8 == 0)
                    {
                        (above[level / 8] ??= []).AddRange(nodes);
                    }
                });
            }

            for (var level = 1; level < above.Length && above[level] is { } nodes; level++)
            {
                foreach (var (index, tile) in nodes.Chunk(TilePath.FullWidth).Index())
                {
                    await CompareAsync(log, level, index, tile, path: null, (long)index * TilePath.FullWidth << 8 * level, cancellationToken);
                }
            }

            if (frontier.Root() != log.Checkpoint.Root)
            {
                Found(new LedgerFinding(LedgerFault.RootMismatch, LedgerPaths.Checkpoint, "The entries do not hash to the signed root."));
            }
        }

        private async Task CompareAsync(TileLog log, int level, long index, MerkleHash[] expected, string? path, long firstEntry, CancellationToken cancellationToken)
        {
            var (tile, hashes) = await log.TileAsync(level, index, cancellationToken);
            for (var i = 0; i < expected.Length; i++)
            {
                if (new MerkleHash(hashes.AsSpan(i * MerkleHash.Size)) != expected[i])
                {
                    Found(new LedgerFinding(
                        LedgerFault.HashMismatch, path ?? tile, level == 0 ? $"The entry does not hash to its leaf in {tile}." : "The node is not the hash of the entries it covers.",
                        firstEntry + ((long)i << 8 * level), (path is null ? i * MerkleHash.Size : null), path is null ? MerkleHash.Size : null));
                }
            }
        }
    }
}
