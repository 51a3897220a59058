using Governance.Testing;

namespace Governance.Ledger.Tests;

public sealed class RecoveryTests
{
    private const string Segment = "segments/00000000000000000000.seg";

    // A log in /log of two synced groups after the last checkpoint: one entry, then one call of three.
    private static async Task<(SimulatedDisk Crashed, byte[] Bytes, int Checkpointed, int First, int Second)> CrashedAsync()
    {
        var disk = new SimulatedDisk(1);
        await using var log = Open(disk);
        await log.AppendAsync(2);
        log.PublishCheckpoint();
        var checkpointed = SegmentBytes.Written(Bytes(disk));
        await log.AppendAsync(1);
        var first = SegmentBytes.Written(Bytes(disk));
        await log.AppendAsync([TestLog.Entry(3), TestLog.Entry(4), TestLog.Entry(5)], TestContext.Current.CancellationToken);
        var crashed = disk.AfterProcessDeath();
        return (crashed, Bytes(crashed), checkpointed, first, SegmentBytes.Written(Bytes(crashed)));
    }

    private static LedgerLog Open(SimulatedDisk disk) => TestLog.Open("/log", TestLog.Options with { Files = disk });

    private static byte[] Bytes(SimulatedDisk disk)
    {
        using var file = disk.OpenRead("/log/" + Segment);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    // The crashed disk with another segment file.
    private static SimulatedDisk With(SimulatedDisk crashed, byte[] bytes)
    {
        var disk = crashed.AfterProcessDeath();
        using var file = disk.OpenWrite("/log/" + Segment);
        file.SetLength(0);
        file.Write(0, bytes);
        return disk;
    }

    [Fact]
    public async Task A_segment_cut_at_any_byte_recovers_whole_calls_only_or_is_refused_below_the_checkpoint()
    {
        var (crashed, bytes, checkpointed, first, second) = await CrashedAsync();
        for (var length = 0; length <= second + 30; length++)
        {
            var trial = With(crashed, bytes[..length]);
            if (length < checkpointed)
            {
                var damaged = Assert.Throws<LedgerDamagedException>(() => Open(trial));
                Assert.True(damaged.Finding.EntryIndex is null or <= 2);
                continue;
            }

            var expected = length < first ? 2 : length < second ? 3 : 6;
            await using (var log = Open(trial))
            {
                Assert.Equal(expected, log.Size);
                Assert.All(log.Reader.ReadFrom(0), e => Assert.Equal(TestLog.Entry(e.Index), e.Bytes.ToArray()));
                await log.AppendAsync(1);
            }

            await using var again = Open(trial);
            Assert.Equal(expected + 1, again.Size);
        }
    }

    [Fact]
    public async Task A_flipped_byte_is_a_torn_tail_only_in_the_last_group()
    {
        var (crashed, bytes, checkpointed, first, second) = await CrashedAsync();
        for (var at = 0; at < second; at++)
        {
            var bent = bytes.ToArray();
            bent[at] ^= 0x20;
            var trial = With(crashed, bent);
            if (at >= first)
            {
                await using var log = Open(trial);
                Assert.Equal(3, log.Size);
            }
            else if (at >= checkpointed || at < 32)
            {
                // The acknowledged group before the last one, or the header: never truncated away.
                Assert.Throws<LedgerDamagedException>(() => Open(trial));
                Assert.Equal(bent, Bytes(trial));
            }
        }
    }

    [Fact]
    public async Task Lost_or_contradicting_derived_files_are_rebuilt_from_the_entries()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 50);
        Directory.Delete(folder.File("tree"), recursive: true);
        File.Delete(folder.File("segments/00000000000000000000.idx"));
        await using (var log = TestLog.Open(folder.Path))
        {
            Assert.Equal(50, log.Size);
            Assert.Equal(50, log.Reader.ReadFrom(0).Count());
        }

        // The newest node that the root of 50 leaves is computed from: 48 and 49.
        var level = folder.File("tree/01");
        var bytes = await File.ReadAllBytesAsync(level, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(level, bytes, TestContext.Current.CancellationToken);
        await using var again = TestLog.Open(folder.Path);
        Assert.Equal(50, again.Reader.ReadFrom(0).Count());
    }

    [Fact]
    public async Task Segments_missing_in_the_middle_or_at_the_end_are_refused()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 400, 800, TestLog.Options with { MaximumSegmentBytes = 64 << 10 });
        var segments = Directory.GetFiles(folder.File("segments"), "*.seg").Order(StringComparer.Ordinal).ToArray();
        Assert.True(segments.Length >= 4);
        foreach (var lost in new[] { segments[0], segments[^1] })
        {
            using var trial = new TempFolder();
            TestLog.Copy(folder.Path, trial.Path);
            File.Delete(trial.File(Path.GetRelativePath(folder.Path, lost)));
            Assert.Throws<LedgerDamagedException>(() => TestLog.Open(trial.Path));
        }
    }

    [Fact]
    public async Task A_crash_while_a_segment_is_created_leaves_a_log_that_opens()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 5);
        foreach (var header in new byte[][] { [], [0, 0, 0], new byte[32] })
        {
            await File.WriteAllBytesAsync(folder.File("segments/00000000000000000005.seg"), header, TestContext.Current.CancellationToken);
            await using var log = TestLog.Open(folder.Path);
            Assert.Equal(5, log.Size);
        }
    }
}
