using Governance.Ledger;
using Governance.Storage.Tests.Contract;
using Governance.Testing;
using static Governance.Storage.Tests.Contract.Facts;

namespace Governance.Storage.Tests;

/// <summary>The contract over a real log in a folder, and what only files can suffer.</summary>
public sealed class FileEventStoreTests : EventStoreContract
{
    /// <summary>A crash in the middle of writing several events leaves none of them: the file is cut within the last append.</summary>
    [Fact]
    public async Task Several_events_are_one_append_wherever_the_write_is_torn()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));
        var before = Written(node.Folder);
        await node.AppendAsync(1, Event("a", 2), Event("a", 3), Event("a", 4));
        var whole = Written(node.Folder);

        foreach (var length in new[] { before, before + 1, before + ((whole - before) / 3), before + ((whole - before) * 2 / 3), whole - 1, whole })
        {
            // Copied while it is open, as a crash leaves it: no checkpoint covers the last append.
            using var copy = new TempFolder();
            FileTree.Copy(node.Folder, copy.Path);
            using (var segment = Segment(copy.Path).OpenWrite())
            {
                segment.SetLength(length);
            }

            await using var crashed = OpenLog(copy.Path);
            Assert.Equal(length == whole ? 4 : 1, crashed.Size);
        }
    }

    [Fact]
    public async Task An_entry_that_is_no_event_is_named_by_its_index_and_never_skipped()
    {
        await using var node = await OpenAsync();
        await node.AppendAsync(0, Event("a", 1));
        await node.Log.AppendAsync("{\"stream\":\"a\"}"u8.ToArray(), Token);

        Assert.Equal(1, (await Assert.ThrowsAsync<EventUnreadableException>(() => node.ReadAsync())).Index);
    }

    private protected override Task<Node> OpenAsync(string name = "a")
    {
        var log = OpenLog(Temporary.File("log"));
        return Task.FromResult(new Node(new FileEventStore(log), log, Temporary.File("log")));
    }

    private static long Written(string log)
    {
        using var segment = Segment(log).Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[segment.Length];
        segment.ReadExactly(bytes);
        return SegmentBytes.Written(bytes);
    }

    private static FileInfo Segment(string log) => new DirectoryInfo(Path.Combine(log, "segments")).EnumerateFiles("*.seg").Single();
}
