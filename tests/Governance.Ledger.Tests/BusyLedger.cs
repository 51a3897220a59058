using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Governance.Ledger.Tests;

/// <summary>
/// A log with a payload store on a simulated disk, written to by several at once, and what is known of it: what was tried, acknowledged and erased.
/// </summary>
internal sealed class BusyLedger(SimulatedDisk disk) : IDisposable
{
    public const string Log = "/log";
    private const string Payloads = "/payloads";
    private static readonly byte[] Filler = new byte[6000];

    private readonly LocalKeyEncryptionKey _key = LocalKeyEncryptionKey.Create();
    private readonly TestClock _clock = new(new DateTimeOffset(2026, 11, 30, 23, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentDictionary<long, byte[]> _acknowledged = [];
    private readonly ConcurrentDictionary<string, int> _attempted = [];
    private readonly ConcurrentBag<KeyRef> _erased = [];

    public SimulatedDisk Disk { get; } = disk;

    /// <summary>Operations, or flushes, when the log and the store were open and nothing was written yet.</summary>
    public (int Operations, int Flushes) Opened { get; private set; }

    /// <summary>Works until it is refused.</summary>
    public async Task WorkAsync()
    {
        try
        {
            await WorkAsync(TestLog.Options, persist: false);
        }
        catch (Exception e) when (e is LedgerUnavailableException or IOException)
        {
            // What the injected fault is meant to cause.
        }
    }

    /// <summary>Works on a log that recovers by itself; what is refused is done again once it has, until all is done.</summary>
    public Task PersistAsync() => WorkAsync(
        TestLog.Options with { CheckpointInterval = TimeSpan.FromMilliseconds(1), RecoverAfter = TimeSpan.FromMilliseconds(1) }, persist: true);

    /// <summary>Opens, finds what is known, appends, and verifies every byte.</summary>
    /// <param name="exactly">Whether what was refused must not be found.</param>
    public async Task CheckAsync(SimulatedDisk found, bool exactly = false)
    {
        using var store = OpenStore(found);
        long size;
        await using (var log = OpenLog(found, store))
        {
            size = log.Size;
            Check(log, store);
            Assert.True(!exactly || size == _acknowledged.Count, $"{size} entries are found, {_acknowledged.Count} were acknowledged");
            var next = Entry($"next{size}.0.0.1", 0, default, []);
            _attempted[Encoding.Latin1.GetString(next)] = 1;
            var result = await log.AppendAsync(next, CancellationToken.None);
            Assert.Equal((AppendStatus.Committed, size), (result.Status, result.FirstIndex));
            _acknowledged[size] = next;
        }

        var report = LedgerVerifier.FsckOn(
            found,
            Log,
            new VerificationRequest { Keys = [TestLog.Signer.Verifier], PayloadFolder = Payloads, PayloadsOf = PayloadsOf },
            CancellationToken.None);
        Assert.Empty(report.Findings);
        Assert.Equal(size + 1, report.Checkpoint?.Size);
    }

    public void Dispose() => _key.Dispose();

    private static LedgerLog OpenLog(SimulatedDisk disk, PayloadStore store, LedgerOptions? options = null) => LedgerLog.Open(
        Log, (options ?? TestLog.Options) with { Files = disk, MaximumSegmentBytes = 64 << 10, Barrier = store });

    private static async Task RecoveredAsync(LedgerLog log, PayloadStore store)
    {
        var since = Stopwatch.GetTimestamp();
        while (log.Failure is not null || store.Failure is not null)
        {
            Assert.False(log.NeedsOperator, log.Failure);
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30), "not recovered: " + (log.Failure ?? store.Failure));
            await Task.Delay(1);
        }
    }

    private PayloadStore OpenStore(SimulatedDisk disk) =>
        PayloadStore.Open(Payloads, new PayloadStoreOptions { KeyEncryptionKey = _key, Files = disk, Time = _clock, MaximumSegmentBytes = 2048, Ahead = TestLog.Ahead / 4 });

    private async Task WorkAsync(LedgerOptions options, bool persist)
    {
        using var store = OpenStore(Disk);
        await using var log = OpenLog(Disk, store, options);
        Opened = (Disk.Operations, Disk.Flushes);
        await Task.WhenAll(WriteAsync(0), WriteAsync(1), WriteAsync(2));
        _clock.Now = _clock.Now.AddDays(1);
        await DoAsync(() => log.PublishCheckpoint() is not null);
        List<KeyRef> first = [];
        await DoAsync(() => (first = [.. store.Find([0]).Select(f => f.KeyRef)]).Count > 0);
        if (await DoAsync(() => store.Erase([0]).Status == ErasureStatus.Erased))
        {
            first.ForEach(_erased.Add);
        }

        await WriteAsync(3);
        await DoAsync(() =>
        {
            store.Reseal(_key);
            return true;
        });

        async Task WriteAsync(byte writer)
        {
            await Task.Yield();
            for (var i = 0; i < 6; i++)
            {
                while (!await TryAsync(() => AppendAsync(log, store, writer, i)) && persist)
                {
                    await RecoveredAsync(log, store);
                }

                if (i == 3)
                {
                    await DoAsync(() => log.PublishCheckpoint() is not null);
                }
            }
        }

        async Task<bool> DoAsync(Func<bool> act)
        {
            while (true)
            {
                try
                {
                    return act();
                }
                catch (Exception e) when (persist && e is LedgerUnavailableException or IOException)
                {
                    // A read that fails fails the reader alone.
                    await RecoveredAsync(log, store);
                }
            }
        }

        async Task<bool> TryAsync(Func<Task<bool>> act)
        {
            try
            {
                return await act();
            }
            catch (LedgerUnavailableException) when (persist)
            {
                return false;
            }
        }
    }

    private async Task<bool> AppendAsync(LedgerLog log, PayloadStore store, byte writer, int i)
    {
        var opening = log.Opening;
        var record = store.Seal([writer], [writer, (byte)i], []);
        var group = Enumerable.Range(0, 1 + i % 3)
            .Select(n => (ReadOnlyMemory<byte>)Entry($"{writer}.{i}.{n}.{1 + i % 3}", 1, record, Filler[..(i * 1000)])).ToArray();
        Array.ForEach(group, e => _attempted[Encoding.Latin1.GetString(e.Span)] = 1);
        var result = await log.AppendAsync(group, new MerkleHash[group.Length], opening, CancellationToken.None);
        for (var n = 0; n < result.Count; n++)
        {
            Assert.True(_acknowledged.TryAdd(result.FirstIndex + n, group[n].ToArray()));
        }

        return result.IsCommitted;
    }

    private void Check(LedgerLog log, PayloadStore store)
    {
        var entries = log.Reader.ReadFrom(0).ToDictionary(e => e.Index, e => e.Bytes.ToArray());
        Assert.All(_acknowledged, a => Assert.Equal(a.Value, entries.GetValueOrDefault(a.Key)));
        Assert.All(entries.Values, e => Assert.True(_attempted.ContainsKey(Encoding.Latin1.GetString(e))));
        Assert.Equal(entries.Count, entries.Values.Select(Name).Distinct(StringComparer.Ordinal).Count());
        foreach (var group in entries.Values.Select(e => Name(e).Split('.')).GroupBy(p => p[0] + "." + p[1]))
        {
            Assert.Equal(int.Parse(group.First()[3], System.Globalization.CultureInfo.InvariantCulture), group.Count());
        }

        foreach (var entry in entries)
        {
            var erasable = Name(entry.Value)[0] == '0';
            foreach (var state in PayloadsOf(new LedgerEntry(entry.Key, entry.Value)).Select(r => store.Open(r, []).State))
            {
                Assert.True(state == PayloadState.Opened || (erasable && state == PayloadState.Erased), $"{Name(entry.Value)} is {state}");
            }
        }

        Assert.All(_erased, keyRef => Assert.Equal(PayloadState.Erased, store.Open(keyRef, []).State));
    }

    private static byte[] Entry(string name, int payloads, SealedRecord record, byte[] filler) =>
        [(byte)payloads, .. record.KeyRef.ToArray(), .. record.CiphertextHash.ToArray(), .. record.Commitment.ToArray(), .. Encoding.ASCII.GetBytes(name), 0, .. filler];

    private static string Name(byte[] entry) => Encoding.ASCII.GetString(entry.AsSpan(81)[..entry.AsSpan(81).IndexOf((byte)0)]);

    private static IEnumerable<SealedRecord> PayloadsOf(LedgerEntry entry)
    {
        var bytes = entry.Bytes.Span;
        return bytes[0] == 0 ? [] : [new SealedRecord(KeyRef.Read(bytes[1..]), new MerkleHash(bytes[17..]), new MerkleHash(bytes[49..]))];
    }
}
