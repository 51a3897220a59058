using System.Globalization;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// What an exported copy holds: the sealed segments in order, without gap, and the checkpoint signed at the end of the last. The file is
/// <c>manifest-{end}</c>; each run that adds segments writes a new one and touches no older one. Immutable.
/// </summary>
internal sealed record ExportManifest(IReadOnlyList<ExportedSegment> Segments, SignedNote Checkpoint)
{
    private const string Header = "governance-ledger/export@v1";
    private const string Prefix = "manifest-";
    private const int MaximumLength = 64 << 20;

    public long End => Segments.Count == 0 ? 0 : Segments[^1].End;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{End:d20}");

    /// <summary>The newest manifest of a folder; null when the folder is no exported copy.</summary>
    /// <exception cref="LedgerDamagedException">It is not of the format.</exception>
    public static ExportManifest? ReadNewest(IFileLayer files, string folder)
    {
        var name = files.ListFiles(folder)
            .Where(f => f.Length == Prefix.Length + 20 && f.StartsWith(Prefix, StringComparison.Ordinal) && f.AsSpan(Prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0)
            .Max(StringComparer.Ordinal);
        if (name is null)
        {
            return null;
        }

        var bytes = AtomicFile.Read(files, Path.Combine(folder, name), MaximumLength);
        return bytes is not null && Parse(bytes) is { } manifest && string.Equals(manifest.Name, name, StringComparison.Ordinal)
            && bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(manifest.ToString()))
                ? manifest
                : throw new LedgerDamagedException(new LedgerFinding(LedgerFault.BytesDamaged, name, "The manifest is not of the format."));
    }

    public static ExportManifest? Parse(ReadOnlySpan<byte> bytes)
    {
        var split = bytes.IndexOf("\n\n"u8);
        var lines = split < 0 ? [] : Encoding.UTF8.GetString(bytes[..split]).Split('\n');
        if (lines.Length == 0 || !string.Equals(lines[0], Header, StringComparison.Ordinal) || !SignedNote.TryParse(bytes[(split + 2)..], out var note, out _))
        {
            return null;
        }

        var segments = new List<ExportedSegment>(lines.Length - 1);
        var end = 0L;
        foreach (var line in lines.AsSpan(1))
        {
            if (ExportedSegment.Parse(line) is not { } segment || segment.First != end || segment.End <= segment.First)
            {
                return null;
            }

            segments.Add(segment);
            end = segment.End;
        }

        return new ExportManifest(segments, note);
    }

    public override string ToString() => string.Concat([Header, "\n", .. Segments.Select(s => s + "\n"), "\n", Checkpoint.ToString()]);
}

/// <summary>One segment of an exported copy: entries <paramref name="First"/> to <paramref name="End"/> - 1, file length and SHA-256.</summary>
internal sealed record ExportedSegment(long First, long End, long Length, MerkleHash Digest)
{
    public static ExportedSegment Of(SegmentSeal seal) => new(seal.First, seal.End, seal.Length, seal.Digest);

    public static ExportedSegment? Parse(string line)
    {
        var words = line.Split(' ');
        return words.Length == 4
            && Checkpoint.TryParseNumber(words[0], out var first)
            && Checkpoint.TryParseNumber(words[1], out var end)
            && Checkpoint.TryParseNumber(words[2], out var length)
            && MerkleHash.TryParseBase64(words[3], out var digest)
                ? new ExportedSegment(first, end, length, digest)
                : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First} {End} {Length} {Digest.ToBase64()}");
}
