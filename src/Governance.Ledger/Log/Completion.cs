namespace Governance.Ledger;

/// <summary>
/// Tells the callers of one commit group how it went: on the thread pool, where as many threads as there are processors, at least two, take one caller after another. A
/// queue entry for each caller would wake a thread for each. Used once.
/// </summary>
internal sealed class Completion(PendingAppend[] appends, string? failure) : IThreadPoolWorkItem
{
    private int _next = -1;

    public static void Of(IReadOnlyList<PendingAppend> appends, string? failure)
    {
        var completion = new Completion([.. appends], failure);
        for (var i = Math.Min(appends.Count, Math.Max(2, Environment.ProcessorCount)); i > 0; i--)
        {
            ThreadPool.UnsafeQueueUserWorkItem(completion, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (int i; (i = Interlocked.Increment(ref _next)) < appends.Length;)
        {
            appends[i].Complete(failure);
        }
    }
}
