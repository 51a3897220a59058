using System.Text;
using Governance.Core;
using Governance.Storage;
using Governance.Testing;

namespace Governance.Storage.Tests;

public sealed class ArtifactStoreTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Content_comes_back_under_its_digest()
    {
        var store = new ArtifactStore(folder.Path);
        var digest = await store.PutAsync(Encoding.UTF8.GetBytes("abc"), Token);

        // FIPS 180-2, appendix B.1.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.Hex);
        Assert.Equal("abc", Encoding.UTF8.GetString(store.Read(digest)!));
    }

    [Fact]
    public async Task The_same_content_twice_is_one_file()
    {
        var store = new ArtifactStore(folder.Path);
        await store.PutAsync(new byte[] { 1, 2, 3 }, Token);
        await store.PutAsync(new byte[] { 1, 2, 3 }, Token);

        Assert.Single(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Too_large_content_is_refused_and_leaves_nothing()
    {
        var store = new ArtifactStore(folder.Path);
        using var content = new MemoryStream(new byte[100]);

        await Assert.ThrowsAsync<ArtifactTooLargeException>(() => store.PutAsync(content, 99, Token));

        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_changed_file_is_not_returned()
    {
        var store = new ArtifactStore(folder.Path);
        var digest = await store.PutAsync(new byte[] { 1, 2, 3 }, Token);
        await File.WriteAllBytesAsync(store.Locate(digest), [1, 2, 4], Token);

        Assert.Null(store.Read(digest));
        Assert.False(await store.VerifyAsync(digest, Token));
    }

    [Fact]
    public void An_unknown_digest_reads_as_absent()
    {
        var store = new ArtifactStore(folder.Path);

        Assert.Null(store.Read(Digest.Of([1])));
        Assert.Throws<FileNotFoundException>(() => store.Locate(Digest.Of([1])));
    }

    [Fact]
    public void Files_left_by_a_crash_are_swept_when_the_store_opens_and_not_what_another_process_writes()
    {
        Directory.CreateDirectory(folder.File("incoming"));
        var (half, arriving) = (Path.Combine(folder.File("incoming"), "half"), Path.Combine(folder.File("incoming"), "arriving"));
        File.WriteAllBytes(half, [1]);
        File.SetLastWriteTimeUtc(half, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.WriteAllBytes(arriving, [1]);

        _ = new ArtifactStore(folder.Path);

        Assert.Equal([arriving], Directory.EnumerateFiles(folder.File("incoming")));
    }
}
