using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>A larger log cut, spliced, swapped, doubled, rolled back and changed at random: each found, and located by file and entry.</summary>
public sealed class TamperTests : IAsyncLifetime
{
    private static readonly VerificationRequest Trusted = new() { Keys = [TestLog.Signer.Verifier] };
    private readonly TempFolder _folder = new();
    private byte[] _saved = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Four segments of two thousand entries, in frames of 25.
    public async ValueTask InitializeAsync()
    {
        await using (var log = TestLog.Open(_folder.Path, TestLog.Options with { MaximumSegmentBytes = 64 << 10 }))
        {
            for (var first = 0; first < 2000; first += 25)
            {
                await log.AppendAsync([.. Enumerable.Range(first, 25).Select(i => (ReadOnlyMemory<byte>)TestLog.Entry(i, 90))], Token);
            }

            _saved = log.PublishCheckpoint().ToBytes();
        }

        Assert.Empty(LedgerVerifier.Fsck(_folder.Path, Trusted, Token).Findings);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Frames_cut_spliced_swapped_or_doubled_within_a_segment_are_located_at_the_first_wrong_byte()
    {
        var path = Segments()[1];
        var bytes = await File.ReadAllBytesAsync(path, Token);
        var frames = Frames(bytes);
        var first = long.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture);
        byte[] Part(int frame) => bytes[frames[frame]..frames[frame + 1]];
        byte[] Before(int frame) => bytes[..frames[frame]];
        byte[] From(int frame) => bytes[frames[frame]..];

        await LocatedAsync(path, [.. Before(5), .. From(6)], first + 125, frames[5]);
        await LocatedAsync(path, [.. Before(5), .. Part(4), .. From(5)], first + 125, frames[5]);
        await LocatedAsync(path, [.. Before(5), .. Part(6), .. Part(5), .. From(7)], first + 125, frames[5]);
        await LocatedAsync(path, bytes[..^1], null, frames[^2]);
        await LocatedAsync(path, bytes[..frames[^2]], null, null);
        await LocatedAsync(path, [.. bytes, 1], null, bytes.Length);
        await LocatedAsync(path, [.. bytes, 0, 0, 1], null, bytes.Length);
        Assert.Empty(await FindAsync(path, [.. bytes, 0, 0]));
        await LocatedAsync(path, [.. bytes, .. Part(frames.Count - 2)], null, bytes.Length);

        // A frame of another history, whole and with a good checksum, in the place of the true one.
        using var other = new TempFolder();
        await using (var log = TestLog.Open(other.Path, TestLog.Options with { MaximumSegmentBytes = 64 << 10 }))
        {
            for (var index = 0; index < 2000; index += 25)
            {
                await log.AppendAsync([.. Enumerable.Range(index, 25).Select(i => (ReadOnlyMemory<byte>)(i == first + 130 ? Other(TestLog.Entry(i, 90)) : TestLog.Entry(i, 90)))], Token);
            }
        }

        var foreign = await File.ReadAllBytesAsync(other.File(Path.GetRelativePath(_folder.Path, path)), Token);
        Assert.Equal(bytes.Length, foreign.Length);
        var findings = await FindAsync(path, [.. Before(5), .. foreign[frames[5]..frames[6]], .. From(6)]);
        Assert.Contains(findings, f => f is { Fault: LedgerFault.HashMismatch, File: "tree/00" } && f.EntryIndex == first + 130);
        Assert.Contains(findings, f => f.Fault == LedgerFault.RootMismatch && f.SinceCheckpoint == first);
    }

    [Fact]
    public async Task Random_bytes_anywhere_are_found_in_their_file()
    {
        var random = new Random(2026);
        var files = Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) is not ("lock" or "writer" or "keys" or "origin")).Order(StringComparer.Ordinal).ToArray();
        var total = files.Sum(f => new FileInfo(f).Length);
        for (var round = 0; round < 60; round++)
        {
            var at = random.NextInt64(total);
            var path = files.First(f => (at -= new FileInfo(f).Length) < 0);
            var bytes = await File.ReadAllBytesAsync(path, Token);
            var offset = (int)(at + bytes.Length);
            bytes[offset] ^= (byte)(1 << random.Next(8));
            var name = Path.GetRelativePath(_folder.Path, path);
            var findings = await FindAsync(path, bytes);
            Assert.True(
                findings.Any(f => f.File == name && (f.Offset is null || (f.Offset <= offset && offset < f.Offset + Math.Max(f.Length ?? 1, 1)))),
                $"{name} byte {offset}: {(findings.Count == 0 ? "not found" : findings[0].ToString())}");
        }
    }

    [Fact]
    public async Task A_whole_older_copy_is_found_against_a_saved_checkpoint_and_only_against_one()
    {
        using var older = new TempFolder();
        await TestLog.CreateAsync(older.Path, 600, 90);
        Assert.Empty(LedgerVerifier.Fsck(older.Path, Trusted, Token).Findings);
        foreach (var report in new[]
        {
            LedgerVerifier.Verify(older.Path, Trusted with { SavedCheckpoints = [_saved] }, Token),
            LedgerVerifier.Fsck(older.Path, Trusted with { SavedCheckpoints = [_saved] }, Token),
        })
        {
            var finding = Assert.Single(report.Findings);
            Assert.Equal((LedgerFault.Inconsistent, "saved checkpoint 1", 600L), (finding.Fault, finding.File, finding.EntryIndex));
        }
    }

    [Fact]
    public async Task Given_and_sampled_entries_are_checked_without_reading_the_rest()
    {
        var request = Trusted with { Entries = [0, 1999], Sample = 50 };
        var report = LedgerVerifier.Verify(_folder.Path, request, Token);
        Assert.Empty(report.Findings);
        Assert.True(report.EntriesRead is >= 50 and <= 52);
        var path = Segments()[0];
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[60] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        var finding = Assert.Single(LedgerVerifier.Verify(_folder.Path, Trusted with { Entries = [0, 1999] }, Token).Findings);
        Assert.Equal((LedgerFault.HashMismatch, "segments/00000000000000000000.seg", 0L), (finding.Fault, finding.File, finding.EntryIndex));
        Assert.Empty(LedgerVerifier.Verify(_folder.Path, Trusted with { Entries = [1999] }, Token).Findings);

        // All entries by sampling: the one changed entry cannot escape.
        Assert.Single(LedgerVerifier.Verify(_folder.Path, Trusted with { Sample = 5000 }, Token).Findings);
    }

    private string[] Segments() => [.. Directory.GetFiles(_folder.File("segments"), "*.seg").Order(StringComparer.Ordinal)];

    private async Task LocatedAsync(string path, byte[] changed, long? entry, long? offset)
    {
        var name = Path.GetRelativePath(_folder.Path, path);
        var findings = await FindAsync(path, changed);
        Assert.True(
            findings.Any(f => f.File == name && (entry is null || f.EntryIndex == entry) && (offset is null || f.Offset == offset)),
            $"entry {entry}, byte {offset}: {string.Join("; ", findings.Take(3))}");
    }

    private async Task<IReadOnlyList<LedgerFinding>> FindAsync(string path, byte[] changed)
    {
        var bytes = await File.ReadAllBytesAsync(path, Token);
        await File.WriteAllBytesAsync(path, changed, Token);
        var findings = LedgerVerifier.Fsck(_folder.Path, Trusted, Token).Findings;
        await File.WriteAllBytesAsync(path, bytes, Token);
        return findings;
    }

    private static byte[] Other(byte[] entry)
    {
        entry[^1] = (byte)'y';
        return entry;
    }

    // Where each frame begins, and the end.
    private static List<int> Frames(byte[] segment)
    {
        List<int> at = [Segment.HeaderSize];
        while (at[^1] < segment.Length)
        {
            at.Add(at[^1] + Frame.HeaderSize + System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(segment.AsSpan(at[^1])));
        }

        return at;
    }
}
