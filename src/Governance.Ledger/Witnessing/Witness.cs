using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>Whom a witness speaks for. Immutable.</summary>
public sealed record WitnessOptions
{
    /// <summary>The witness's keys; each signs every checkpoint it accepts. At least one.</summary>
    public required IReadOnlyList<ICosigner> Cosigners { get; init; }

    /// <summary>Keys of the logs it knows; a key's name is its log's origin. A log may have several.</summary>
    public required IReadOnlyList<NoteVerifier> Logs { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal IFileLayer Files { get; init; } = PhysicalFiles.Instance;
}

/// <summary>What a witness answers to <c>add-checkpoint</c>: HTTP status, content type and body.</summary>
/// <param name="Remark">For the operator, when something is to be said; it holds no secret.</param>
public sealed record WitnessAnswer(int Status, string ContentType, byte[] Body, string? Remark = null);

/// <summary>
/// A witness (C2SP tlog-witness): for each log it keeps the last checkpoint it cosigned, and cosigns a new one only when that extends it. Thread-safe.
/// <para>Its promises:</para>
/// <list type="bullet">
/// <item>It MUST NOT hand out a cosignature before the checkpoint is on stable storage as the last one of its log.</item>
/// <item>It MUST NOT cosign a checkpoint that is smaller than, or not an extension of, any it cosigned before, through any crash.</item>
/// <item>It MUST NOT start on a state it cannot authenticate.</item>
/// </list>
/// Two different checkpoints of one size, both signed by the log, are proof that the log forked: the second is kept beside the first.
/// </summary>
public sealed class Witness : IDisposable
{
    private const string SizeType = "text/x.tlog.size";
    private readonly string _folder;
    private readonly WitnessOptions _options;
    private readonly IDisposable _folderLock;
    private readonly Lock _gate = new();

    private Witness(string folder, WitnessOptions options, IDisposable folderLock) => (_folder, _options, _folderLock) = (folder, options, folderLock);

    /// <summary>Opens the witness whose state is in <paramref name="folder"/>, creating it when it is empty or absent.</summary>
    /// <exception cref="LedgerLockedException">Another process is this witness.</exception>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    /// <exception cref="LedgerDamagedException">A stored checkpoint is not one this witness wrote. Retire the witness and its key: it no longer knows what it promised.</exception>
    public static Witness Open(string folder, WitnessOptions options)
    {
        if (options.Cosigners.Count == 0)
        {
            throw new ArgumentException("A witness has at least one key.", nameof(options));
        }

        IDisposable? folderLock = null;
        try
        {
            options.Files.CreateDirectory(folder);
            folderLock = options.Files.Lock(folder, options.Time.GetUtcNow());
            var witness = new Witness(folder, options, folderLock);
            foreach (var origin in options.Logs.Select(k => k.Name).Distinct(StringComparer.Ordinal))
            {
                witness.Latest(origin);
            }

            return witness;
        }
        catch (Exception e)
        {
            folderLock?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new LedgerUnavailableException($"The witness's folder {folder} cannot be used: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>The last checkpoint cosigned for a log, with the cosignatures; null when there is none.</summary>
    /// <exception cref="LedgerDamagedException">The stored checkpoint is not one this witness wrote.</exception>
    public SignedNote? LatestOf(string origin)
    {
        lock (_gate)
        {
            return Latest(origin)?.Note;
        }
    }

    /// <summary>
    /// Answers a call: 200 with cosignature lines, 400 not such a body or old size above size, 403 not signed by the log, 404 unknown log, 409 old
    /// size stale (body: the size it has) or another root at that size, 422 not an extension, 503 the storage refuses or is damaged.
    /// </summary>
    public WitnessAnswer AddCheckpoint(ReadOnlySpan<byte> body)
    {
        if (!AddCheckpointRequest.TryParse(body, out var request, out var error) || Checkpoint.Parse(request.Checkpoint.Text) is not { } checkpoint)
        {
            return Text(400, error.Length > 0 ? error : "The note is not a checkpoint: origin, size, root.");
        }

        NoteVerifier[] keys = [.. _options.Logs.Where(k => string.Equals(k.Name, checkpoint.Origin, StringComparison.Ordinal))];
        if (keys.Length == 0)
        {
            return Text(404, "This witness does not know the log.");
        }

        if (!Checkpoint.TryVerify(request.Checkpoint.ToBytes(), checkpoint.Origin, keys, out _, out error))
        {
            return Text(403, error);
        }

        if (request.OldSize > checkpoint.Size)
        {
            return Text(400, "The old size is above the checkpoint's.");
        }

        lock (_gate)
        {
            try
            {
                return Decide(request, checkpoint, keys);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return Text(503, "The witness cannot write its state.", "The state cannot be written: " + e.Message);
            }
            catch (LedgerDamagedException e)
            {
                return Text(503, "The witness's state is damaged.", e.Message);
            }
        }
    }

    public void Dispose() => _folderLock.Dispose();

    private WitnessAnswer Decide(AddCheckpointRequest request, Checkpoint checkpoint, IReadOnlyList<NoteVerifier> keys)
    {
        var latest = Latest(checkpoint.Origin)?.Checkpoint ?? new Checkpoint(checkpoint.Origin, 0, MerkleTree.EmptyRoot);
        if (checkpoint.Size == latest.Size && checkpoint.Root != latest.Root && latest.Size > 0)
        {
            Keep(checkpoint.Origin, request.Checkpoint);
            return Text(409, "Another root was cosigned at this size.", $"{checkpoint.Origin} signed two roots at size {checkpoint.Size}: the log forked. Both are kept.");
        }

        if (request.OldSize != latest.Size)
        {
            return new WitnessAnswer(409, SizeType, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{latest.Size}\n")));
        }

        if (!MerkleTree.VerifyConsistency((ulong)latest.Size, (ulong)checkpoint.Size, request.Proof, latest.Root, checkpoint.Root))
        {
            return Text(422, "The proof does not show that the checkpoint extends the last one cosigned.",
                $"{checkpoint.Origin}: size {checkpoint.Size} was not proved to extend size {latest.Size}.");
        }

        var now = _options.Time.GetUtcNow();
        List<NoteSignature> cosignatures = [.. _options.Cosigners.Select(c => new NoteSignature(c.Verifier.Name, c.Verifier.KeyId, c.Cosign(checkpoint, now)))];
        var known = request.Checkpoint.Signatures.Where(s => keys.Any(k => k.KeyId == s.KeyId && string.Equals(k.Name, s.Name, StringComparison.Ordinal)));
        AtomicFile.Write(_options.Files, PathOf(checkpoint.Origin, "checkpoint"), new SignedNote(request.Checkpoint.Text, [.. known, .. cosignatures]).ToBytes());
        return new WitnessAnswer(200, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(string.Concat(cosignatures.Select(c => c + "\n"))));
    }

    // Read from the disk each time: after a failed write only the disk knows what the state is.
    private (SignedNote Note, Checkpoint Checkpoint)? Latest(string origin)
    {
        var path = PathOf(origin, "checkpoint");
        if (AtomicFile.Read(_options.Files, path, SignedNote.MaximumLength) is not { } bytes)
        {
            return null;
        }

        NoteVerifier[] trusted =
        [
            .. _options.Cosigners.Select(c => c.Verifier),
            .. _options.Logs.Where(k => string.Equals(k.Name, origin, StringComparison.Ordinal)),
        ];
        return SignedNote.TryParse(bytes, out var note, out _) && note.Verify(trusted, out _)
            && Checkpoint.Parse(note.Text) is { } checkpoint && string.Equals(checkpoint.Origin, origin, StringComparison.Ordinal)
                ? (note, checkpoint)
                : throw new LedgerDamagedException(new LedgerFinding(
                    LedgerFault.SignatureInvalid, Path.GetFileName(path), $"The witness's record of {origin} is not one that it or the log signed."));
    }

    // One is proof enough, and the storage is bounded.
    private void Keep(string origin, SignedNote conflicting)
    {
        var path = PathOf(origin, "conflict");
        if (!_options.Files.Exists(path))
        {
            AtomicFile.Write(_options.Files, path, conflicting.ToBytes());
        }
    }

    private string PathOf(string origin, string kind) =>
        Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin))) + "." + kind);

    private static WitnessAnswer Text(int status, string message, string? remark = null) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(message + "\n"), remark);
}
