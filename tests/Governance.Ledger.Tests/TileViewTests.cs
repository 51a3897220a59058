using System.Buffers.Binary;
using Governance.Testing;

namespace Governance.Ledger.Tests;

public sealed class TileViewTests
{
    [Theory]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/1/x001/x234/067", 1, 1_234_067, 256)]
    [InlineData("tile/2/001.p/17", 2, 1, 17)]
    [InlineData("tile/entries/x273/000.p/255", null, 273_000, 255)]
    public void Paths_follow_the_specification(string path, int? level, long index, int width)
    {
        Assert.True(TilePath.TryParse(path, out var tile));
        Assert.Equal(new TilePath(level, index, width), tile);
        Assert.Equal(path, tile.ToString());
    }

    [Theory]
    [InlineData("tile/0")]
    [InlineData("tile/00/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/002")]
    [InlineData("tile/0/001.p/256")]
    [InlineData("tile/0/001.p/0")]
    [InlineData("tile/0/001.p/01")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/entries/x999/x999/x999/x999/x999/x999/999")]
    public void Other_spellings_are_no_tiles(string path) => Assert.False(TilePath.TryParse(path, out _));

    [Fact]
    public void The_specifications_example_of_70000_entries()
    {
        string[] present = ["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"];
        string[] absent = ["tile/0/273", "tile/0/273.p/113", "tile/1/001.p/18", "tile/2/000.p/2", "tile/3/000.p/1"];
        bool Exists(string path) => TilePath.TryParse(path, out var tile) && tile.ExistsAt(70_000);
        Assert.All(present, p => Assert.True(Exists(p), p));
        Assert.All(absent, p => Assert.False(Exists(p), p));
    }

    [Fact]
    public async Task A_client_of_the_view_rebuilds_the_signed_root_from_entries_and_from_tiles()
    {
        using var folder = new TempFolder();
        await using var log = TestLog.Open(folder.Path);
        List<ReadOnlyMemory<byte>> entries = [.. Enumerable.Range(0, 700).Select(i => (ReadOnlyMemory<byte>)TestLog.Entry(i))];
        await log.AppendAsync(entries, TestContext.Current.CancellationToken);
        var view = new TileView(log.Reader);
        Assert.Null(view.Get("tile/0/000"));
        log.PublishCheckpoint();
        var note = view.Get("checkpoint");
        Assert.True(Checkpoint.TryVerify(note, TestLog.Origin, [TestLog.Signer.Verifier], out var checkpoint, out _));

        var (fromEntries, fromTiles) = (new MerkleFrontier(), new MerkleFrontier());
        foreach (var (path, tilePath) in new[] { ("000", "000"), ("001", "001"), ("002.p/188", "002.p/188") })
        {
            ReadOnlySpan<byte> bundle = view.Get("tile/entries/" + path);
            while (!bundle.IsEmpty)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(bundle);
                fromEntries.Append(MerkleTree.LeafHash(bundle.Slice(2, length)));
                bundle = bundle[(2 + length)..];
            }

            foreach (var hash in view.Get("tile/0/" + tilePath)!.Chunk(32))
            {
                fromTiles.Append(new MerkleHash(hash));
            }
        }

        Assert.Equal((700L, checkpoint.Root), (fromEntries.Size, fromEntries.Root()));
        Assert.Equal(checkpoint.Root, fromTiles.Root());

        // Level 1: each hash is the root of a full tile below.
        var below = new MerkleFrontier();
        foreach (var hash in view.Get("tile/0/001")!.Chunk(32))
        {
            below.Append(new MerkleHash(hash));
        }

        Assert.Equal(below.Root().ToArray(), view.Get("tile/1/000.p/2")![32..]);
        Assert.Null(view.Get("tile/1/000"));
        Assert.Null(view.Get("../keys.state"));
    }
}
