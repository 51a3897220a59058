namespace Governance.Ledger;

/// <summary>The full payload files that stay open: those used last. Any other is open only while it is used. Thread-safe.</summary>
internal sealed class RecentSegments(int most)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PayloadSegment> _open = [];

    /// <summary>A full segment was used, and nobody uses it any more.</summary>
    public void Used(PayloadSegment segment)
    {
        PayloadSegment? oldest = null;
        lock (_gate)
        {
            if (_open.Last?.Value == segment)
            {
                return;
            }

            _open.Remove(segment);
            _open.AddLast(segment);
            if (_open.Count > most)
            {
                oldest = _open.First!.Value;
                _open.RemoveFirst();
            }
        }

        oldest?.CloseUnlessUsed();
    }
}
