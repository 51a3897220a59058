using System.Security.Cryptography;
using Governance.Testing;

namespace Governance.Ledger.Tests;

public sealed class LedgerLogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_keep_index_and_bytes_over_reopening()
    {
        using var folder = new TempFolder();
        for (var round = 0; round < 5; round++)
        {
            await using var log = TestLog.Open(folder.Path);
            Assert.Equal(round * 37, log.Size);
            await log.AppendAsync(37, padding: round * 300);
        }

        await using var reopened = TestLog.Open(folder.Path);
        Assert.Equal(185, reopened.Size);
        Assert.All(reopened.Reader.ReadFrom(0), e => Assert.Equal(TestLog.Entry(e.Index, (int)(e.Index / 37) * 300), e.Bytes.ToArray()));
        Assert.Equal(185, reopened.Reader.ReadFrom(0).Count());
    }

    [Fact]
    public async Task Concurrent_appends_get_every_index_once_and_hold_their_bytes()
    {
        using var folder = new TempFolder();
        var options = TestLog.Options with { MaximumSegmentBytes = 64 << 10 };
        var results = new (long Index, byte[] Entry)[40 * 50];
        await using (var log = TestLog.Open(folder.Path, options))
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(w => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    var entry = TestLog.Entry(w * 1000 + i, 200);
                    var result = await log.AppendAsync(entry, Token);
                    Assert.True(result.IsCommitted);
                    Assert.Equal(entry, log.Reader.Read(result.FirstIndex));
                    results[w * 50 + i] = (result.FirstIndex, entry);
                }
            }, Token)));
        }

        await using var reopened = TestLog.Open(folder.Path, options);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), results.Select(r => r.Index).Order());
        Assert.All(results, r => Assert.Equal(r.Entry, reopened.Reader.Read(r.Index)));
        Assert.True(Directory.GetFiles(Path.Combine(folder.Path, "segments"), "*.seg").Length > 3);
        var reference = new ReferenceTree([.. results.OrderBy(r => r.Index).Select(r => r.Entry)]);
        Assert.Equal(reference.Root(2000), reopened.Reader.Root(2000).ToArray());
    }

    [Fact]
    public async Task A_caller_that_blocks_when_it_is_told_does_not_keep_the_others_of_its_group_waiting()
    {
        using var folder = new TempFolder();
        using var all = new CountdownEvent(7);
        var held = new HoldingBarrier();
        await using var log = TestLog.Open(folder.Path, TestLog.Options with { Barrier = held });
        var first = log.AppendAsync(TestLog.Entry(0), Token).AsTask();
        await held.Reached.Task.WaitAsync(Token);

        // These gather behind the first, and so are told together.
        var blocked = Told(1, () => all.Wait(Token));
        var others = Enumerable.Range(2, 7).Select(i => Told(i, () => all.Signal())).ToArray();
        held.Go.SetResult();

        await Task.WhenAll([first, blocked, .. others]).WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Equal(9, log.Size);
        Assert.Equal(2, log.Commits);

        async Task Told(int entry, Action then)
        {
            Assert.True((await log.AppendAsync(TestLog.Entry(entry), Token)).IsCommitted);
            then();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task An_append_tells_the_leaf_hashes_of_its_entries(int count)
    {
        using var folder = new TempFolder();
        await using var log = TestLog.Open(folder.Path);
        ReadOnlyMemory<byte>[] entries = [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)TestLog.Entry(i))];
        var leaves = new MerkleHash[count];

        Assert.True((await log.AppendAsync(entries, leaves, log.Opening, Token)).IsCommitted);

        // RFC 6962: a zero byte and the entry.
        Assert.Equal(entries.Select(e => new MerkleHash(SHA256.HashData([0, .. e.Span]))), leaves);
        await Assert.ThrowsAsync<ArgumentException>(async () => await log.AppendAsync(entries, new MerkleHash[count + 1], log.Opening, Token));
        Assert.Equal(count, log.Size);
    }

    [Fact]
    public async Task Several_entries_are_appended_as_one()
    {
        using var folder = new TempFolder();
        await using var log = TestLog.Open(folder.Path);
        await log.AppendAsync(3);
        var result = await log.AppendAsync([TestLog.Entry(3), Array.Empty<byte>(), TestLog.Entry(5)], Token);
        Assert.Equal(new AppendResult(AppendStatus.Committed, 3, 3, null), result);
        Assert.Equal(6, log.Size);
        Assert.Empty(log.Reader.Read(4));
    }

    [Fact]
    public async Task An_entry_may_be_65535_bytes_and_not_more()
    {
        using var folder = new TempFolder();
        await using var log = TestLog.Open(folder.Path);
        var largest = new byte[65_535];
        largest[^1] = 7;
        Assert.True((await log.AppendAsync(largest, Token)).IsCommitted);
        Assert.Equal(largest, log.Reader.Read(0));
        Assert.Equal(AppendStatus.TooLarge, (await log.AppendAsync(new byte[65_536], Token)).Status);
        Assert.Equal(AppendStatus.TooLarge, (await log.AppendAsync([], Token)).Status);
        Assert.Equal(AppendStatus.TooLarge, (await log.AppendAsync([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(largest, 300)], Token)).Status);
        Assert.Equal(1, log.Size);
    }

    [Fact]
    public async Task What_is_taken_becomes_durable_without_anybody_waiting_for_it_and_in_order_with_what_is()
    {
        using var folder = new TempFolder();
        await using var log = TestLog.Open(folder.Path);
        var fates = new List<Task<long>>();
        var leaves = new MerkleHash[2];
        for (var i = 0; i < 300; i += 3)
        {
            var fate = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.Equal(AppendStatus.Taken, log.Take([TestLog.Entry(i), TestLog.Entry(i + 1)], leaves, log.Opening, new TakeBound(), fate));
            Assert.Equal(MerkleTree.LeafHash(TestLog.Entry(i + 1)), leaves[1]);
            fates.Add(fate.Task);
            Assert.Equal(i + 2, (await log.AppendAsync(TestLog.Entry(i + 2), Token)).FirstIndex);
            Assert.Equal(i + 3, log.Size);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => 3L * i), await Task.WhenAll(fates));
        var last = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Equal(AppendStatus.Taken, log.Take([TestLog.Entry(300)], leaves.AsSpan(1), log.Opening, new TakeBound(), last));
        Assert.Equal(300, await last.Task);
        Assert.Equal(Enumerable.Range(0, 301).Select(i => TestLog.Entry(i)), log.Reader.ReadFrom(0).Select(e => e.Bytes.ToArray()));
        Assert.Equal(0, log.Lost);
    }

    [Fact]
    public async Task No_more_is_taken_beyond_the_bound_nor_when_the_oldest_waits_too_long()
    {
        using var folder = new TempFolder();
        using var barrier = new HeldBarrier();
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        await using var log = TestLog.Open(folder.Path, TestLog.Options with { Barrier = barrier, Time = clock });
        var bound = new TakeBound { MostEntries = 4, Longest = TimeSpan.FromMilliseconds(100) };
        AppendStatus Take(int entries) => log.Take([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(TestLog.Entry(0), entries)], new MerkleHash[entries], log.Opening, bound, null);
        Assert.Equal(AppendStatus.Taken, Take(2));
        barrier.WaitUntilHeld(Token);
        Assert.Equal(AppendStatus.Taken, Take(1));
        Assert.Equal(AppendStatus.Busy, Take(2));
        Assert.Equal(AppendStatus.Taken, Take(1));
        Assert.Equal(AppendStatus.Busy, Take(1));
        barrier.Release();
        Assert.Equal(4, (await log.AppendAsync(TestLog.Entry(4), Token)).FirstIndex);
        barrier.Hold();
        Assert.Equal(AppendStatus.Taken, Take(1));
        barrier.WaitUntilHeld(Token);
        clock.Now += TimeSpan.FromMilliseconds(101);
        Assert.Equal(AppendStatus.Busy, Take(1));
        barrier.Release();
    }

    [Fact]
    public async Task What_was_taken_and_is_refused_by_the_storage_is_counted_as_lost()
    {
        var disk = new SimulatedDisk(1);
        await using var log = TestLog.Open("/log", TestLog.Options with { Files = disk, RecoverAfter = Timeout.InfiniteTimeSpan });
        disk.FailNext(int.MaxValue);
        var fate = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Equal(AppendStatus.Taken, log.Take([TestLog.Entry(0), TestLog.Entry(1)], new MerkleHash[2], log.Opening, new TakeBound(), fate));
        Assert.Equal(-1, await fate.Task);
        Assert.Equal((2, 0), (log.Lost, log.Size));
        Assert.Equal(AppendStatus.Unavailable, log.Take([TestLog.Entry(0)], new MerkleHash[1], log.Opening, new TakeBound(), null));
        Assert.Equal(2, log.Lost);
    }

    [Fact]
    public async Task A_full_queue_says_busy_and_loses_nothing()
    {
        using var folder = new TempFolder();
        using var barrier = new HeldBarrier();
        var options = TestLog.Options with { MaximumPendingBytes = 64 << 10, Barrier = barrier };
        await using var log = TestLog.Open(folder.Path, options);
        var first = log.AppendAsync(TestLog.Entry(0), Token);
        barrier.WaitUntilHeld(Token);
        List<Task<AppendResult>> waiting = [];
        AppendResult refused;
        while (true)
        {
            var append = log.AppendAsync(TestLog.Entry(waiting.Count, 1000), Token).AsTask();
            if (append.IsCompleted)
            {
                refused = await append;
                break;
            }

            waiting.Add(append);
        }

        Assert.Equal(AppendStatus.Busy, refused.Status);
        Assert.InRange(waiting.Count, 50, 66);
        Assert.Equal(0, log.Size);
        barrier.Release();
        Assert.True((await first).IsCommitted);
        Assert.All(await Task.WhenAll(waiting), r => Assert.True(r.IsCommitted));
        Assert.Equal(1 + waiting.Count, log.Size);
        Assert.True((await log.AppendAsync(TestLog.Entry(1), Token)).IsCommitted);
    }

    [Fact]
    public async Task A_second_writer_is_told_who_holds_the_folder()
    {
        using var folder = new TempFolder();
        await using (TestLog.Open(folder.Path))
        {
            var locked = Assert.Throws<LedgerLockedException>(() => TestLog.Open(folder.Path));
            Assert.Equal(Environment.ProcessId, locked.Holder?.ProcessId);
            Assert.Equal(Environment.MachineName, locked.Holder?.Host);
            Assert.Contains(Environment.MachineName, locked.Message, StringComparison.Ordinal);
        }

        await using var free = TestLog.Open(folder.Path);
    }

    [Fact]
    public async Task A_folder_of_another_log_or_key_is_refused()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 3);
        using var otherName = EcdsaNoteSigner.Create("example.test/other");
        using var otherKey = EcdsaNoteSigner.Create(TestLog.Origin);
        Assert.Throws<LedgerDamagedException>(() => TestLog.Open(folder.Path, TestLog.Options with { Signers = [otherName] }));
        Assert.Throws<LedgerDamagedException>(() => TestLog.Open(folder.Path, TestLog.Options with { Signers = [otherKey] }));
        await using (var rotating = TestLog.Open(folder.Path, TestLog.Options with { Signers = [TestLog.Signer, otherKey] }))
        {
            await rotating.AppendAsync(1);
        }

        await using var rotated = TestLog.Open(folder.Path, TestLog.Options with { Signers = [otherKey] });
        Assert.Equal(2, File.ReadAllLines(folder.File("keys")).Length);
        Assert.Equal(4, rotated.Size);
    }

    [Fact]
    public async Task A_receipt_verifies_offline_and_only_for_its_entry()
    {
        using var folder = new TempFolder();
        await using var log = TestLog.Open(folder.Path);
        await log.AppendAsync(9);
        Assert.Null(log.Reader.Receipt(4));
        log.PublishCheckpoint();
        for (var index = 0; index < 9; index++)
        {
            var text = log.Reader.Receipt(index)!.ToBytes();
            Assert.True(InclusionReceipt.TryParse(text, out var receipt, out _));
            Assert.Equal(text, receipt.ToBytes());
            Assert.True(receipt.Verify(TestLog.Entry(index), TestLog.Origin, [TestLog.Signer.Verifier], out _));
            Assert.False(receipt.Verify(TestLog.Entry(index + 1), TestLog.Origin, [TestLog.Signer.Verifier], out _));
            Assert.False(receipt.Verify(TestLog.Entry(index), "example.test/other", [TestLog.Signer.Verifier], out _));
            using var stranger = EcdsaNoteSigner.Create(TestLog.Origin);
            Assert.False(receipt.Verify(TestLog.Entry(index), TestLog.Origin, [stranger.Verifier], out _));
        }
    }

    [Fact]
    public async Task After_closing_appends_say_closed()
    {
        using var folder = new TempFolder();
        var log = TestLog.Open(folder.Path);
        await log.AppendAsync(2);
        await log.DisposeAsync();
        Assert.Equal(AppendStatus.Closed, (await log.AppendAsync(TestLog.Entry(2), Token)).Status);
        await log.DisposeAsync();
    }

    private sealed class HeldBarrier : ICommitBarrier, IDisposable
    {
        private readonly ManualResetEventSlim _held = new();
        private readonly ManualResetEventSlim _released = new();

        public void Flush()
        {
            _held.Set();
            _released.Wait();
        }

        public void WaitUntilHeld(CancellationToken cancellationToken) => _held.Wait(cancellationToken);

        public void Hold()
        {
            _held.Reset();
            _released.Reset();
        }

        public void Release() => _released.Set();

        public void Dispose()
        {
            _held.Dispose();
            _released.Dispose();
        }
    }

    /// <summary>Holds the first commit until it is let go.</summary>
    private sealed class HoldingBarrier : ICommitBarrier
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Flush()
        {
            Reached.TrySetResult();
            Go.Task.Wait();
        }
    }
}
