namespace Governance.Ledger.Tests;

/// <summary>
/// Every single file operation of a busy ledger is made to fail, in three ways. Whatever happens: no acknowledged entry is lost, none is
/// invented, several entries appended as one are all there or none, every payload named by an entry opens unless it was erased, what was
/// erased stays erased, fsck is clean, and the next append works; and all that is so again when the power fails after that.
/// </summary>
public sealed class FaultInjectionTests
{
    // A few of many; GOVERNANCE_FAULTS=all runs each operation in each way.
    private static readonly bool All = Environment.GetEnvironmentVariable("GOVERNANCE_FAULTS") == "all";

    [Theory]
    [InlineData(DiskFault.Fail)]
    [InlineData(DiskFault.ShortWrite)]
    [InlineData(DiskFault.LostFlush)]
    [InlineData(DiskFault.PowerLoss)]
    internal async Task Nothing_acknowledged_is_lost_and_nothing_is_invented(DiskFault fault)
    {
        using var calm = new BusyLedger(new SimulatedDisk(1));
        await calm.WorkAsync();
        var total = fault == DiskFault.LostFlush ? calm.Disk.Flushes : calm.Disk.Operations;
        Assert.True(total > 40, $"only {total} operations");
        for (var failAt = 0; failAt < total; failAt += All || fault == DiskFault.LostFlush ? 1 : 3)
        {
            using var run = new BusyLedger(new SimulatedDisk(failAt, failAt, fault));
            await run.WorkAsync();
            var found = fault == DiskFault.PowerLoss ? run.Disk.AfterPowerLoss() : run.Disk.ForNextProcess();
            try
            {
                await run.CheckAsync(found);

                // What the first look took for stored must be stored.
                await run.CheckAsync(found.AfterPowerLoss());
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{fault} at operation {failAt} ({run.Disk.Failed})", e);
            }
        }
    }
}
