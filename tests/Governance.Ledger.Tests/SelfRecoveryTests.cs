using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>
/// A log whose storage fails goes on by itself when the storage does. Every file operation of a busy ledger is made to fail, once or several times in a
/// row: the work is finished all the same, nothing acknowledged is lost, and nothing that was refused is found, also when the power fails afterwards.
/// What contradicts the acknowledged log stays failed for an operator.
/// </summary>
public sealed class SelfRecoveryTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("GOVERNANCE_FAULTS") == "all";
    private static readonly LedgerOptions Options =
        TestLog.Options with { CheckpointInterval = TimeSpan.FromMilliseconds(1), RecoverAfter = TimeSpan.FromMilliseconds(1), MaximumSegmentBytes = 64 << 10 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DiskFault.Fail, 1)]
    [InlineData(DiskFault.Fail, 6)]
    [InlineData(DiskFault.ShortWrite, 1)]
    [InlineData(DiskFault.LostFlush, 1)]
    internal async Task Work_is_finished_after_any_failure(DiskFault fault, int failures)
    {
        using var calm = new BusyLedger(new SimulatedDisk(1));
        await calm.WorkAsync();
        var (from, total) = fault == DiskFault.LostFlush ? (calm.Opened.Flushes, calm.Disk.Flushes) : (calm.Opened.Operations, calm.Disk.Operations);
        Assert.True(total - from > 30, $"only {total - from} operations");
        for (var failAt = from; failAt < total; failAt += All || fault == DiskFault.LostFlush ? 1 : 5)
        {
            using var run = new BusyLedger(new SimulatedDisk(failAt, failAt, fault, failures));
            try
            {
                await run.PersistAsync();
                await run.CheckAsync(run.Disk.AfterPowerLoss(), exactly: true);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{fault} at operation {failAt} ({run.Disk.Failed})", e);
            }
        }
    }

    [Fact]
    public async Task What_is_acknowledged_can_be_read_while_the_storage_fails_and_is_the_same_afterwards()
    {
        var disk = new SimulatedDisk(1);
        await using var log = LedgerLog.Open(BusyLedger.Log, Options with { Files = disk, CheckpointInterval = TimeSpan.FromHours(1), RecoverAfter = TimeSpan.FromHours(1) });
        await log.AppendAsync(5);
        var (root, opening) = (log.Reader.Root(5), log.Opening);
        disk.FailNext(1);
        Assert.Equal(AppendStatus.Unavailable, (await log.AppendAsync(TestLog.Entry(5), Token)).Status);
        Assert.Equal((5, root, false), (log.Size, log.Reader.Root(5), log.NeedsOperator));
        Assert.Equal(TestLog.Entry(4), log.Reader.Read(4));
        Assert.Equal(opening, log.Opening);
    }

    [Fact]
    public async Task What_was_begun_before_a_recovery_is_not_taken_after_it()
    {
        var disk = new SimulatedDisk(1);
        await using var log = LedgerLog.Open(BusyLedger.Log, Options with { Files = disk });
        var opening = log.Opening;
        await log.AppendAsync(3);
        disk.FailNext(1);
        await UntilAsync(() => log.Opening > opening);
        Assert.Equal(AppendStatus.Unavailable, (await log.AppendAsync(TestLog.Entry(3), opening, Token)).Status);
        Assert.Equal(3, (await log.AppendAsync(TestLog.Entry(3), log.Opening, Token)).FirstIndex);
    }

    [Theory]
    [InlineData("segment")]
    [InlineData("shorter")]
    [InlineData("checkpoint")]
    [InlineData("writer")]
    public async Task What_is_not_as_it_was_acknowledged_stays_failed(string what)
    {
        var disk = new SimulatedDisk(1);
        var segment = BusyLedger.Log + "/" + LedgerPaths.Segment(0);
        await using var log = LedgerLog.Open(BusyLedger.Log, Options with { Files = disk });
        await log.AppendAsync(9);
        log.PublishCheckpoint();
        await log.AppendAsync(3);
        disk.FailNext(int.MaxValue);
        switch (what)
        {
            case "segment":
                disk.Tamper(segment, bytes => [.. bytes[..(SegmentBytes.Written(bytes) - 1)], 1]);
                break;
            case "shorter":
                disk.Tamper(segment, bytes => bytes[..(SegmentBytes.Written(bytes) - 40)]);
                break;
            case "checkpoint":
                var another = new SimulatedDisk(2);
                await using (var foreign = LedgerLog.Open(BusyLedger.Log, Options with { Files = another }))
                {
                    await foreign.AppendAsync(20);
                    var ahead = foreign.PublishCheckpoint().ToBytes();
                    disk.Tamper(BusyLedger.Log + "/" + LedgerPaths.Checkpoint, _ => ahead);
                }

                break;
            default:
                disk.IsHeld = false;
                break;
        }

        Assert.False((await log.AppendAsync(TestLog.Entry(12), Token)).IsCommitted);
        disk.FailNext(0);
        await UntilAsync(() => log.NeedsOperator);
        Assert.Contains("an operator must look", log.Failure, StringComparison.Ordinal);
        Assert.Equal(AppendStatus.Unavailable, (await log.AppendAsync(TestLog.Entry(12), Token)).Status);
    }

    [Fact]
    public void The_pause_doubles_to_half_a_minute_and_is_short_again_after_an_entry()
    {
        var time = new TestClock(DateTimeOffset.UnixEpoch);
        var pace = new RecoveryPace(TimeSpan.FromSeconds(1), time);
        pace.Failed();
        List<double> pauses = [];
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var waited = 0.0;
            for (; !pace.IsOver; waited += 0.5)
            {
                time.Now += TimeSpan.FromSeconds(0.5);
            }

            pauses.Add(waited);
            pace.Attempted();
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], pauses);
        pace.Written();
        pace.Failed();
        time.Now += TimeSpan.FromSeconds(1);
        Assert.True(pace.IsOver);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Token);
        }
    }
}
