using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>One runner per plan, across processes: two gateways that submit the same plan take turns, and the second finds the results.</summary>
internal static class PlanLock
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task<IDisposable> TakeAsync(RunFolder folder, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder.Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
    }
}
