using System.Threading.Tasks.Sources;

namespace Governance.Ledger;

/// <summary>
/// What the caller of one append awaits. Taken from a pool and given back when the outcome was fetched, so that an append allocates nothing;
/// hence the rule of every value task: it is awaited once.
/// </summary>
internal sealed class PendingAppend : IValueTaskSource<AppendResult>
{
    private readonly Pool _pool;
    private ManualResetValueTaskSourceCore<AppendResult> _core;
    private long _first;
    private int _count;

    private PendingAppend(Pool pool) => _pool = pool;

    public ValueTask<AppendResult> Outcome => new(this, _core.Version);

    /// <summary>Makes the outcome known, null when durable, else what the storage said, and runs what awaits it.</summary>
    public void Complete(string? failure) => _core.SetResult(
        failure is null ? new AppendResult(AppendStatus.Committed, _first, _count, null) : AppendResult.Refused(AppendStatus.Unavailable, failure));

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token)
    {
        var result = _core.GetResult(token);
        _core.Reset();
        _pool.Return(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<AppendResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<AppendResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>Appends at rest. Thread-safe.</summary>
    internal sealed class Pool
    {
        private const int Kept = 4096;
        private readonly Lock _gate = new();
        private readonly Stack<PendingAppend> _free = new();

        public PendingAppend Rent(long first, int count)
        {
            PendingAppend? append;
            lock (_gate)
            {
                _free.TryPop(out append);
            }

            append ??= new PendingAppend(this);
            (append._first, append._count) = (first, count);
            return append;
        }

        public void Return(PendingAppend append)
        {
            lock (_gate)
            {
                if (_free.Count < Kept)
                {
                    _free.Push(append);
                }
            }
        }
    }
}
