using Governance.Testing;

namespace Governance.Ledger.Tests;

public sealed class StorageFailureTests
{
    [Fact]
    public async Task After_a_failed_write_the_log_is_read_only_until_it_is_opened_again()
    {
        var token = TestContext.Current.CancellationToken;
        var calm = new SimulatedDisk(1);
        int before;
        await using (var log = LedgerLog.Open("/log", TestLog.Options with { Files = calm }))
        {
            await AppendThreeAsync(log);
            before = calm.Operations;
        }

        var disk = new SimulatedDisk(1, failAt: before);
        await using (var log = LedgerLog.Open("/log", TestLog.Options with { Files = disk }))
        {
            await AppendThreeAsync(log);
            var failed = await log.AppendAsync(TestLog.Entry(3), token);
            Assert.Equal((AppendStatus.Unavailable, -1L), (failed.Status, failed.FirstIndex));
            Assert.Contains("Injected fault", failed.Reason, StringComparison.Ordinal);
            Assert.Equal(AppendStatus.Unavailable, (await log.AppendAsync(TestLog.Entry(3), token)).Status);
            Assert.Equal(3, log.Size);
            Assert.Equal(TestLog.Entry(2), log.Reader.Read(2));
            Assert.NotNull(log.Failure);
        }

        await using var reopened = LedgerLog.Open("/log", TestLog.Options with { Files = disk });
        Assert.InRange(reopened.Size, 3, 4);
        Assert.True((await reopened.AppendAsync(TestLog.Entry(reopened.Size), token)).IsCommitted);
    }

    // One by one: as many file operations each time.
    private static async Task AppendThreeAsync(LedgerLog log)
    {
        for (var i = 0; i < 3; i++)
        {
            await log.AppendAsync(1);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_with_a_reason()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("file"), "in the way");
        var refused = Assert.Throws<LedgerUnavailableException>(() => TestLog.Open(folder.File("file/log")));
        Assert.Contains("file/log", refused.Message, StringComparison.Ordinal);
        using var key = LocalKeyEncryptionKey.Create();
        Assert.Throws<LedgerUnavailableException>(() =>
            PayloadStore.Open(folder.File("file/payloads"), new PayloadStoreOptions { KeyEncryptionKey = key }));
    }

    [Fact]
    public async Task Closing_flushes_what_waits_so_that_a_power_cut_afterwards_loses_nothing()
    {
        using var key = LocalKeyEncryptionKey.Create();
        var disk = new SimulatedDisk(1);
        var options = new PayloadStoreOptions { KeyEncryptionKey = key, Files = disk, Ahead = TestLog.Ahead };
        var waiting = new List<Task<AppendResult>>();
        SealedRecord unflushed;
        using (var store = PayloadStore.Open("/payloads", options))
        {
            await using (var log = LedgerLog.Open("/log", TestLog.Options with { Files = disk, Barrier = store }))
            {
                for (var i = 0; i < 200; i++)
                {
                    waiting.Add(log.AppendAsync(TestLog.Entry(i), TestContext.Current.CancellationToken).AsTask());
                }
            }

            unflushed = store.Seal([1], [2], []);
        }

        Assert.All(await Task.WhenAll(waiting), r => Assert.True(r.IsCommitted));
        var found = disk.AfterPowerLoss();
        await using var reopened = LedgerLog.Open("/log", TestLog.Options with { Files = found });
        Assert.Equal(200, reopened.Size);
        Assert.Equal(200, Checkpoint.Parse(reopened.Reader.Checkpoint!.Text)!.Size);
        using var again = PayloadStore.Open("/payloads", options with { Files = found });
        Assert.Equal([2], again.Open(unflushed, []).Plaintext);
    }
}
