using System.Data;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Governance.Storage.Database;

/// <summary>
/// The governance log of several nodes: the rows of a database are the log, and each node keeps a copy of it as a <see cref="LedgerLog"/>
/// of its own, which answers reads, proofs and verification. Thread-safe.
/// <list type="bullet">
/// <item>Appends of all nodes are serialised by a lock of the database and guarded by its constraints. An append is one transaction.</item>
/// <item>Every row holds the Merkle root up to it. A node compares that root with its own copy before it appends and for every row it copies:
/// rows that were changed, dropped or rolled back in the database are found by the first node that touches them, and nothing is appended.</item>
/// <item>A node whose copy cannot be written appends nothing more.</item>
/// </list>
/// </summary>
public sealed class DatabaseEventStore : IEventStore, IDisposable
{
    /// <summary>Rows copied at once: 200 of the largest fit one append of the copy.</summary>
    private const int Batch = 200;

    private readonly DatabaseLocation location;
    private readonly LedgerLog copy;
    private readonly SemaphoreSlim gate = new(1, 1);

    private DatabaseEventStore(DatabaseLocation location, LedgerLog copy) => (this.location, this.copy) = (location, copy);

    /// <summary>This node's copy.</summary>
    public LedgerLog Log => copy;

    /// <summary>Connects, checks that the database is migrated, guarded, and holds the log that <paramref name="copy"/> is a copy of, and brings the copy up to date.</summary>
    /// <param name="copy">One of the keys that sign it must be known to the database; the first node's become known.</param>
    /// <exception cref="LedgerUnavailableException">The database does not answer, is not migrated, grants too much, or knows none of the keys.</exception>
    /// <exception cref="LedgerDamagedException">Database and copy contradict each other.</exception>
    public static async Task<DatabaseEventStore> OpenAsync(
        DatabaseLocation location, LedgerLog copy, CancellationToken cancellationToken)
    {
        try
        {
            await using var database = location.Open();
            if ((await database.Database.GetPendingMigrationsAsync(cancellationToken)).ToList() is { Count: > 0 } pending)
            {
                throw new LedgerUnavailableException($"The database lacks the migrations {string.Join(", ", pending)}. Apply the script under deploy/sql.");
            }

            if (await database.WeaknessesAsync(cancellationToken) is { Count: > 0 } weaknesses)
            {
                throw new LedgerUnavailableException(
                    $"The log in the database is not protected from this gateway: {string.Join(", ", weaknesses)}. Connect as a role that may only read and insert.");
            }

            await RegisterKeysAsync(database, copy, cancellationToken);
            var store = new DatabaseEventStore(location, copy);
            await store.SynchroniseAsync(cancellationToken);
            return store;
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            throw new LedgerUnavailableException(DatabaseFailure.Explain(e), e);
        }
    }

    /// <exception cref="LedgerUnavailableException">The database does not answer, or the copy cannot be written.</exception>
    /// <exception cref="LedgerDamagedException">Database and copy contradict each other.</exception>
    /// <exception cref="EventUnreadableException">An entry is not an event this program knows; the log itself may be sound.</exception>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await SynchroniseAsync(cancellationToken);
        foreach (var entry in copy.Reader.ReadFrom(from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return EventEntry.Decode(entry.Index, entry.Bytes.Span);
        }
    }

    public async ValueTask<AppendOutcome> AppendAsync(
        string stream, AppendCondition condition, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var entries = events.Select(EventEntry.Encode).ToList();
        if (entries.Exists(e => e.Length > EventEntry.Largest) || entries.Count > Batch)
        {
            return new AppendOutcome.TooLarge(EventEntry.Largest);
        }

        var request = events[0].Request is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await AppendAsync(stream, condition, entries, request, cancellationToken);
        }
        catch (LedgerException e)
        {
            return new AppendOutcome.Unavailable(e.Message);
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            return new AppendOutcome.Unavailable(DatabaseFailure.Explain(e));
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Compares every row with this node's copy.</summary>
    /// <returns>Findings for people; empty when database and copy are the same log.</returns>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public async Task<IReadOnlyList<string>> CompareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SynchroniseAsync(cancellationToken);
            var size = copy.Size;
            await using var database = location.Open();
            var frontier = new MerkleFrontier();
            await foreach (var row in database.Events.AsNoTracking().OrderBy(e => e.Position).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (frontier.Size == size)
                {
                    return [];
                }

                if (row.Position != frontier.Size || !row.Entry.AsSpan().SequenceEqual(copy.Reader.Read(row.Position)))
                {
                    return [$"Entry {frontier.Size} in the database is not the one in this node's copy."];
                }

                frontier.Append(MerkleTree.LeafHash(row.Entry));
                if (!Same(frontier.Root(), row.Root))
                {
                    return [$"The root stored with entry {row.Position} in the database is not the root of the entries up to it."];
                }
            }

            return frontier.Size == size ? [] : [$"The database ends after {frontier.Size} entries; this node's copy has {size}."];
        }
        catch (LedgerDamagedException e)
        {
            return [e.Message];
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            throw new LedgerUnavailableException(DatabaseFailure.Explain(e), e);
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task<AppendOutcome> AppendAsync(
        string stream, AppendCondition condition, List<byte[]> entries, byte[]? request, CancellationToken cancellationToken)
    {
        if (copy.Failure is not null || copy.IsClosed)
        {
            return new AppendOutcome.Unavailable(copy.Failure ?? "The gateway is stopping.");
        }

        var (outcome, lost) = await InsertAsync(stream, condition, entries, request, cancellationToken);
        if (outcome is not AppendOutcome.Appended appended)
        {
            return outcome;
        }

        if (lost is not null)
        {
            return await SettleAsync(appended, entries, lost);
        }

        // The rows are durable, whatever becomes of the copy: a copy that fails says so by itself and stops the next append.
        await copy.AppendAsync(Leaves(entries), CancellationToken.None);
        return appended;
    }

    /// <returns>What was or would be appended, and what broke while it was being committed.</returns>
    private async Task<(AppendOutcome Outcome, Exception? Lost)> InsertAsync(
        string stream, AppendCondition condition, List<byte[]> entries, byte[]? request, CancellationToken cancellationToken)
    {
        await using var database = location.Open();
        await using var transaction = await BeginAsync(database, cancellationToken);
        await CopyNewAsync(database, cancellationToken);
        var first = copy.Size;
        var actual = await database.Events.Where(e => e.Stream == stream).MaxAsync(e => (long?)e.Version, cancellationToken) ?? 0;
        if (actual != condition.StreamVersion
            || (condition.LogSize is { } size && size != first)
            || (request is not null && await database.Events.AnyAsync(e => e.Request == request, cancellationToken)))
        {
            return (new AppendOutcome.Conflict(actual), null);
        }

        database.Events.AddRange(Rows(stream, actual, entries, request));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (database.IsDuplicate(e))
        {
            // Somebody appends without the lock; the constraints hold.
            return (new AppendOutcome.Conflict(actual), null);
        }

        try
        {
            await transaction.CommitAsync(CancellationToken.None);
            return (new AppendOutcome.Appended(first), null);
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            return (new AppendOutcome.Appended(first), e);
        }
    }

    /// <summary>The connection broke during the commit. The lock is granted only when that transaction has ended, so what the table holds then is final.</summary>
    private async Task<AppendOutcome> SettleAsync(AppendOutcome.Appended claimed, List<byte[]> entries, Exception lost)
    {
        try
        {
            await using var database = location.Open();
            await using var transaction = await BeginAsync(database, CancellationToken.None);
            await CopyNewAsync(database, CancellationToken.None);
            return copy.Size >= claimed.First + entries.Count
                && entries.Select((e, i) => copy.Reader.Read(claimed.First + i).AsSpan().SequenceEqual(e)).All(same => same)
                    ? claimed
                    : new AppendOutcome.Unavailable(DatabaseFailure.Explain(lost));
        }
        catch (Exception e) when (e is LedgerException || DatabaseFailure.Is(e))
        {
            return new AppendOutcome.Unavailable(DatabaseFailure.Explain(lost), Uncertain: true);
        }
    }

    private IEnumerable<StoredEvent> Rows(string stream, long version, List<byte[]> entries, byte[]? request)
    {
        var tree = copy.Reader.Frontier(copy.Size);
        for (var i = 0; i < entries.Count; i++)
        {
            var position = tree.Size;
            tree.Append(MerkleTree.LeafHash(entries[i]));
            yield return new StoredEvent
            {
                Position = position,
                Stream = stream,
                Version = version + i + 1,
                Request = i == 0 ? request : null,
                Entry = entries[i],
                Root = tree.Root().ToArray(),
            };
        }
    }

    private async Task SynchroniseAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            await using var database = location.Open();
            await CopyNewAsync(database, cancellationToken);
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            throw new LedgerUnavailableException(DatabaseFailure.Explain(e), e);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Copies the rows that are new, after making sure that the row before them is the last of the copy.</summary>
    private async Task CopyNewAsync(GovernanceDatabase database, CancellationToken cancellationToken)
    {
        while (true)
        {
            var size = copy.Size;
            var from = Math.Max(0, size - 1);
            var rows = await database.Events.AsNoTracking().Where(e => e.Position >= from).OrderBy(e => e.Position).Take(Batch + 1).ToListAsync(cancellationToken);
            if (size > 0 && (rows.Count == 0 || rows[0].Position != from || !Same(copy.Reader.Root(size), rows[0].Root)))
            {
                throw Contradiction(from, "is not the last of this node's copy: the database was rolled back or rewritten, or it is another one");
            }

            var fresh = rows.Skip(size > 0 ? 1 : 0).ToList();
            if (fresh.Count == 0)
            {
                return;
            }

            var tree = copy.Reader.Frontier(size);
            foreach (var row in fresh)
            {
                tree.Append(MerkleTree.LeafHash(row.Entry));
                if (row.Position != tree.Size - 1 || !Same(tree.Root(), row.Root))
                {
                    throw Contradiction(tree.Size - 1, "is not the one that was appended: its root is not that of the entries up to it");
                }
            }

            var result = await copy.AppendAsync(Leaves([.. fresh.Select(r => r.Entry)]), CancellationToken.None);
            if (!result.IsCommitted)
            {
                throw new LedgerUnavailableException($"This node's copy of the governance log cannot be written: {result.Reason ?? result.Status.ToString()}");
            }
        }
    }

    private static async Task RegisterKeysAsync(GovernanceDatabase database, LedgerLog copy, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(database, cancellationToken);
        var known = await database.LogKeys.Select(k => k.Key).ToListAsync(cancellationToken);
        var own = copy.Verifiers.Select(k => k.ToString()).ToList();
        if (known.Count > 0 && !own.Exists(known.Contains))
        {
            throw new LedgerUnavailableException($"The log {copy.Origin} in the database is signed with another key. Give this node the log's key and origin.");
        }

        database.LogKeys.AddRange(own.Except(known, StringComparer.Ordinal).Select(k => new StoredLogKey { Key = k }));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<IDbContextTransaction> BeginAsync(GovernanceDatabase database, CancellationToken cancellationToken)
    {
        var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        try
        {
            await database.LockAppendsAsync(cancellationToken);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    private static List<ReadOnlyMemory<byte>> Leaves(List<byte[]> entries) => entries.ConvertAll(e => (ReadOnlyMemory<byte>)e);

    private static bool Same(MerkleHash root, byte[] stored) => MerkleHash.TryRead(stored, out var hash) && hash == root;

    private static LedgerDamagedException Contradiction(long position, string what) => new(new LedgerFinding(
        LedgerFault.Inconsistent, "governance.events", $"Entry {position} in the database {what}.", position));
}
