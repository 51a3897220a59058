using System.Collections.Concurrent;
using System.Text;

namespace Governance.Ledger.Tests;

/// <summary>
/// Every single file operation of a busy ledger is made to fail, in three ways. Whatever happens: no acknowledged entry is lost, none is
/// invented, several entries appended as one are all there or none, every payload named by an entry opens unless it was erased, what was
/// erased stays erased, fsck is clean, and the next append works.
/// </summary>
public sealed class FaultInjectionTests
{
    private const string Log = "/log";
    private const string Payloads = "/payloads";
    private static readonly byte[] Filler = new byte[6000];

    // A few of many; GOVERNANCE_FAULTS=all runs each operation in each way.
    private static readonly bool All = Environment.GetEnvironmentVariable("GOVERNANCE_FAULTS") == "all";

    [Theory]
    [InlineData(DiskFault.Fail)]
    [InlineData(DiskFault.ShortWrite)]
    [InlineData(DiskFault.PowerLoss)]
    internal async Task Nothing_acknowledged_is_lost_and_nothing_is_invented(DiskFault fault)
    {
        var calm = new Run(new SimulatedDisk(1));
        await calm.WorkAsync();
        var total = calm.Disk.Operations;
        Assert.True(total > 200, $"only {total} operations");
        for (var failAt = 0; failAt < total; failAt += All ? 1 : 3)
        {
            var run = new Run(new SimulatedDisk(failAt, failAt, fault));
            await run.WorkAsync();
            var found = fault == DiskFault.PowerLoss ? run.Disk.AfterPowerLoss() : run.Disk.AfterProcessDeath();
            try
            {
                await run.CheckAsync(found);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{fault} at operation {failAt} ({run.Disk.Failed})", e);
            }
        }
    }

    private sealed class Run(SimulatedDisk disk) : IDisposable
    {
        private readonly LocalKeyEncryptionKey _key = LocalKeyEncryptionKey.Create();
        private readonly TestClock _clock = new(new DateTimeOffset(2026, 11, 30, 23, 0, 0, TimeSpan.Zero));
        private readonly ConcurrentDictionary<long, byte[]> _acknowledged = [];
        private readonly ConcurrentDictionary<string, int> _attempted = [];
        private readonly ConcurrentBag<KeyRef> _erased = [];

        public SimulatedDisk Disk { get; } = disk;

        public async Task WorkAsync()
        {
            try
            {
                using var store = OpenStore(Disk);
                await using var log = OpenLog(Disk, store);
                await Task.WhenAll(WriteAsync(log, store, 0), WriteAsync(log, store, 1), WriteAsync(log, store, 2));
                _clock.Now = _clock.Now.AddDays(1);
                log.PublishCheckpoint();
                var first = store.Find([0]).Select(f => f.KeyRef).ToList();
                if (store.Erase([0]).Status == ErasureStatus.Erased)
                {
                    first.ForEach(_erased.Add);
                }

                await WriteAsync(log, store, 3);
                store.Reseal(_key);
            }
            catch (Exception e) when (e is LedgerUnavailableException or IOException)
            {
                // What the injected fault is meant to cause.
            }
        }

        public async Task CheckAsync(SimulatedDisk found)
        {
            using var store = OpenStore(found);
            long size;
            await using (var log = OpenLog(found, store))
            {
                size = log.Size;
                Check(log, store);
                var next = Entry("next", 0, default, []);
                var result = await log.AppendAsync(next, CancellationToken.None);
                Assert.Equal((AppendStatus.Committed, size), (result.Status, result.FirstIndex));
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

        private static LedgerLog OpenLog(SimulatedDisk disk, PayloadStore store) => LedgerLog.Open(
            Log, TestLog.Options with { Files = disk, MaximumSegmentBytes = 64 << 10, Barrier = store });

        private PayloadStore OpenStore(SimulatedDisk disk) =>
            PayloadStore.Open(Payloads, new PayloadStoreOptions { KeyEncryptionKey = _key, Files = disk, Time = _clock, MaximumSegmentBytes = 2048 });

        private async Task WriteAsync(LedgerLog log, PayloadStore store, byte writer)
        {
            await Task.Yield();
            for (var i = 0; i < 6; i++)
            {
                var record = store.Seal([writer], [writer, (byte)i], []);
                var group = Enumerable.Range(0, 1 + i % 3)
                    .Select(n => (ReadOnlyMemory<byte>)Entry($"{writer}.{i}.{n}.{1 + i % 3}", 1, record, Filler[..(i * 1000)])).ToList();
                group.ForEach(e => _attempted[Encoding.Latin1.GetString(e.Span)] = 1);
                var result = await log.AppendAsync(group, CancellationToken.None);
                for (var n = 0; n < result.Count; n++)
                {
                    Assert.True(_acknowledged.TryAdd(result.FirstIndex + n, group[n].ToArray()));
                }

                if (i == 3)
                {
                    log.PublishCheckpoint();
                }
            }
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
                var record = PayloadsOf(new LedgerEntry(entry.Key, entry.Value)).Single();
                var state = store.Open(record, []).State;
                var erasable = Name(entry.Value)[0] == '0';
                Assert.True(state == PayloadState.Opened || (erasable && state == PayloadState.Erased), $"{Name(entry.Value)} is {state}");
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
}
