using Governance.Cli.Commands;
using Governance.Cli.Demo;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Cli.Verification;

/// <summary>Where a log is read without asking anybody to be believed: a folder, or tiles over HTTP. What is read is verified alike.</summary>
internal abstract class LogPlace
{
    public abstract bool IsFolder { get; }

    /// <param name="place">A folder, or an http or https address.</param>
    public static LogPlace Of(Invocation run, string place) =>
        Uri.TryCreate(place, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Served(new HttpTileSource(run.Session.HttpFor(new Uri(place)), new Uri(place), TimeSpan.FromSeconds(30)), place)
            : new Folder(LedgerFiles.Folder(place));

    /// <summary>The given keys; for a served log without them, those it serves itself; for a folder none, which means its own.</summary>
    public abstract ValueTask<IReadOnlyList<NoteVerifier>> KeysAsync(string? file, CancellationToken cancellationToken);

    public abstract Task<VerificationReport> JudgeAsync(VerificationRequest request, bool readAll, CancellationToken cancellationToken);

    /// <summary>Newest first, up to the checkpoint.</summary>
    public async Task<Page<LogEntry>> TailAsync(string? keys, PageRequest page, CancellationToken cancellationToken)
    {
        await using var log = await OpenAsync(await KeysAsync(keys, cancellationToken), cancellationToken);
        var start = page.Token is null ? log.Size - 1
            : long.TryParse(page.Token, System.Globalization.CultureInfo.InvariantCulture, out var token) ? Math.Min(token, log.Size - 1)
            : throw CliException.Usage("The page token is not one this list gave.");
        var entries = new List<LogEntry>();
        var index = start;
        for (; index >= 0 && entries.Count < page.Size; index--)
        {
            var bytes = await log.Read(index);
            entries.Add(LogEntry.Read(index, bytes, MerkleTree.LeafHash(bytes).ToString()));
        }

        return new Page<LogEntry>(entries, index >= 0 ? index.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    public async Task<InclusionReceipt> ProveAsync(string? keys, long index, CancellationToken cancellationToken)
    {
        await using var log = await OpenAsync(await KeysAsync(keys, cancellationToken), cancellationToken);
        return index >= 0 && index < log.Size
            ? await log.Prove(index)
            : throw CliException.NotFound($"The log has no entry {index}: its checkpoint covers {log.Size}.");
    }

    /// <summary>Receipts with the entries of this log that they are about.</summary>
    public async Task<IReadOnlyList<(ReadOnlyMemory<byte> Receipt, ReadOnlyMemory<byte> Entry)>> ReceiptsAsync(
        IReadOnlyList<NoteVerifier> keys, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var receipts = new List<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)>();
        foreach (var file in files)
        {
            var bytes = LedgerFiles.Small(file);
            if (!InclusionReceipt.TryParse(bytes, out var receipt, out var error))
            {
                throw CliException.Invalid($"{file}: {error}");
            }

            try
            {
                await using var log = await OpenAsync(keys, cancellationToken);
                receipts.Add((bytes, receipt.Index < log.Size ? await log.Read(receipt.Index) : Array.Empty<byte>()));
            }
            catch (LedgerDamagedException)
            {
                // The log itself is damaged: the verification says how; the receipt cannot hold in it.
                receipts.Add((bytes, Array.Empty<byte>()));
            }
        }

        return receipts;
    }

    protected abstract Task<OpenedLog> OpenAsync(IReadOnlyList<NoteVerifier> keys, CancellationToken cancellationToken);

    /// <summary>Reads and proves; what it gives was checked up to the checkpoint.</summary>
    protected sealed record OpenedLog(long Size, Func<long, Task<byte[]>> Read, Func<long, Task<InclusionReceipt>> Prove, IDisposable? Held) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Held?.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Folder(string path) : LogPlace
    {
        public override bool IsFolder => true;

        public override ValueTask<IReadOnlyList<NoteVerifier>> KeysAsync(string? file, CancellationToken cancellationToken) => new(LedgerFiles.Keys(file));

        public override Task<VerificationReport> JudgeAsync(VerificationRequest request, bool readAll, CancellationToken cancellationToken) =>
            Task.FromResult(readAll ? LedgerVerifier.Fsck(path, request, cancellationToken) : LedgerVerifier.Verify(path, request, cancellationToken));

        protected override Task<OpenedLog> OpenAsync(IReadOnlyList<NoteVerifier> keys, CancellationToken cancellationToken)
        {
            var verdict = LedgerVerifier.Verify(path, new VerificationRequest { Keys = keys }, cancellationToken);
            if (!verdict.IsSound)
            {
                throw new LedgerDamagedException(verdict.Findings[0]);
            }

            var reader = LedgerReader.Open(path);
            return Task.FromResult(new OpenedLog(
                reader.Size, i => Task.FromResult(reader.Read(i)), i => Task.FromResult(reader.Receipt(i)!), reader));
        }
    }

    private sealed class Served(ITileSource source, string address) : LogPlace
    {
        public override bool IsFolder => false;

        public override async ValueTask<IReadOnlyList<NoteVerifier>> KeysAsync(string? file, CancellationToken cancellationToken)
        {
            if (file is not null)
            {
                return LedgerFiles.Keys(file);
            }

            try
            {
                return await source.GetAsync("keys", cancellationToken) is { } served && LogKeys.Parse(System.Text.Encoding.UTF8.GetString(served)) is { Count: > 0 } keys
                    ? keys
                    : throw CliException.Invalid($"{address} serves no keys.", "Give the log's keys: --keys FILE");
            }
            catch (FormatException e)
            {
                throw CliException.Invalid($"{address}/keys: {e.Message}", "Give the log's keys: --keys FILE");
            }
        }

        public override Task<VerificationReport> JudgeAsync(VerificationRequest request, bool readAll, CancellationToken cancellationToken) =>
            readAll ? TileVerifier.FsckAsync(source, request, cancellationToken) : TileVerifier.VerifyAsync(source, request, cancellationToken);

        protected override async Task<OpenedLog> OpenAsync(IReadOnlyList<NoteVerifier> keys, CancellationToken cancellationToken)
        {
            var log = await TileLog.OpenAsync(source, keys[0].Name, keys, cancellationToken);
            return new OpenedLog(log.Checkpoint.Size, i => log.ReadAsync(i, cancellationToken), i => log.ReceiptAsync(i, cancellationToken), null);
        }
    }
}
