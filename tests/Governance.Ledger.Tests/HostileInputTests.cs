using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>Whatever bytes arrive, parsers answer no or give back exactly what they read; they never throw.</summary>
public sealed class HostileInputTests
{
    private static readonly byte[] Note = new Checkpoint(TestLog.Origin, 9, MerkleTree.EmptyRoot).Sign(TestLog.Signer).ToBytes();

    // Valid documents with some bytes replaced, removed, doubled or inserted.
    private static Gen<byte[]> Mutations(byte[] valid) =>
        from edits in (from at in Gen.Choose(0, valid.Length - 1)
                       from kind in Gen.Choose(0, 3)
                       from value in Gen.Elements<byte>(0, 10, 32, 43, 61, 48, 57, 65, 128, 226, 255)
                       select (at, kind, value)).NonEmptyListOf()
        select Apply(valid, edits.Take(4));

    private static byte[] Apply(byte[] valid, IEnumerable<(int At, int Kind, byte Value)> edits)
    {
        var bytes = valid.ToList();
        foreach (var (at, kind, value) in edits)
        {
            var i = Math.Min(at, bytes.Count - 1);
            switch (kind)
            {
                case 0: bytes[i] = value; break;
                case 1: bytes.RemoveRange(i, Math.Min(bytes.Count - i - 1, 1 + value % 40)); break;
                case 2: bytes.InsertRange(i, bytes.GetRange(i, Math.Min(bytes.Count - i, 40))); break;
                default: bytes.Insert(i, value); break;
            }
        }

        return [.. bytes];
    }

    private static void ForAll(byte[] valid, Func<byte[], bool> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Mutations(valid).ToArbitrary(), holds));

    [Fact]
    public void Notes_and_checkpoints() => ForAll(Note, bytes =>
        (!SignedNote.TryParse(bytes, out var note, out var error) ? error.Length > 0 : note.ToBytes().SequenceEqual(bytes))
        && (!Checkpoint.TryVerify(bytes, TestLog.Origin, [TestLog.Signer.Verifier], out var checkpoint, out _)
            || checkpoint == new Checkpoint(TestLog.Origin, 9, MerkleTree.EmptyRoot)));

    [Fact]
    public void Receipts()
    {
        Assert.True(SignedNote.TryParse(Note, out var note, out _));
        var receipt = new InclusionReceipt(5, [MerkleTree.EmptyRoot, MerkleTree.EmptyRoot], note, "extra"u8.ToArray());
        ForAll(receipt.ToBytes(), bytes =>
            !InclusionReceipt.TryParse(bytes, out var parsed, out _) || !parsed.Verify([], TestLog.Origin, [TestLog.Signer.Verifier], out _));
    }

    [Fact]
    public void Verifier_keys() => ForAll(Encoding.UTF8.GetBytes(TestLog.Signer.Verifier.ToString()), bytes =>
    {
        var line = Encoding.UTF8.GetString(bytes);
        try
        {
            return string.Equals(NoteVerifier.Parse(line).ToString(), line, StringComparison.Ordinal);
        }
        catch (FormatException)
        {
            return true;
        }
    });

    [Fact]
    public void Tile_paths() => ForAll("tile/entries/x001/x234/067.p/12"u8.ToArray(), bytes =>
    {
        var path = Encoding.UTF8.GetString(bytes);
        return !TilePath.TryParse(path, out var tile) || (string.Equals(tile.ToString(), path, StringComparison.Ordinal) && tile.Width is > 0 and <= 256);
    });

    [Fact]
    public void Segment_seals()
    {
        Assert.True(SignedNote.TryParse(Note, out var note, out _));
        ForAll(Encoding.UTF8.GetBytes(new SegmentSeal(0, 9, 1000, MerkleTree.EmptyRoot, note).ToString()), bytes =>
        {
            _ = SegmentSeal.Parse(bytes);
            return true;
        });
    }

    [Fact]
    public void Export_manifests()
    {
        Assert.True(SignedNote.TryParse(Note, out var note, out _));
        var manifest = new ExportManifest([new ExportedSegment(0, 5, 100, MerkleTree.EmptyRoot), new ExportedSegment(5, 9, 90, MerkleTree.EmptyRoot)], note);
        Assert.Equal(manifest.ToString(), ExportManifest.Parse(Encoding.UTF8.GetBytes(manifest.ToString()))!.ToString());
        ForAll(Encoding.UTF8.GetBytes(manifest.ToString()), bytes =>
            ExportManifest.Parse(bytes) is not { } parsed || parsed.Segments.Zip(parsed.Segments.Skip(1)).All(p => p.First.End == p.Second.First));
    }

    [Fact]
    public void Witness_policies()
    {
        var key = NoteVerifier.Create("w", NoteKeyType.Ed25519Cosignature, new byte[32]);
        ForAll(Encoding.UTF8.GetBytes($"log {TestLog.Signer.Verifier}\nwitness a {key} http://w/\ngroup g any a\nquorum g\n"), bytes =>
        {
            try
            {
                _ = WitnessPolicy.Parse(Encoding.UTF8.GetString(bytes));
                return true;
            }
            catch (FormatException)
            {
                return true;
            }
        });
    }

    [Fact]
    public async Task Random_changes_anywhere_in_a_folder_only_ever_give_findings()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 60, 1500, TestLog.Options with { MaximumSegmentBytes = 64 << 10 });
        var names = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) is not ("lock" or "writer")).Order(StringComparer.Ordinal).ToArray();
        var random = new Random(99);
        for (var i = 0; i < 60; i++)
        {
            var path = names[random.Next(names.Length)];
            var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            var changed = Apply(bytes, [(random.Next(bytes.Length), random.Next(4), (byte)random.Next(256)), (random.Next(bytes.Length), 0, (byte)random.Next(256))]);
            await File.WriteAllBytesAsync(path, changed, TestContext.Current.CancellationToken);
            foreach (var request in new[] { new VerificationRequest { Keys = [TestLog.Signer.Verifier] }, new VerificationRequest() })
            {
                _ = LedgerVerifier.Verify(folder.Path, request, TestContext.Current.CancellationToken);
                var findings = LedgerVerifier.Fsck(folder.Path, request, TestContext.Current.CancellationToken).Findings;
                Assert.True(findings.Count > 0 || changed.SequenceEqual(bytes), $"a change of {Path.GetRelativePath(folder.Path, path)} was not found");
            }

            await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        }
    }
}
