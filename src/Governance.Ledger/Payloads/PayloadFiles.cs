using System.Globalization;

namespace Governance.Ledger;

/// <summary>The segments of a payload store and their subject indexes. Thread-safe.</summary>
internal sealed class PayloadFiles(IFileLayer files, string folder, Func<KeyRef, PayloadLocation> locate, Func<KeyRef, byte[], UInt128> tagOf) : IDisposable
{
    public const int MaximumSegmentBytes = 64 << 20;
    private readonly Dictionary<(int Month, int Number), PayloadSegment> _open = [];
    private readonly Lock _gate = new();
    private PayloadSegment? _active;
    private SubjectIndex _activeIndex = new();

    /// <summary>Months that have a folder.</summary>
    public IReadOnlyList<int> Months() =>
        [.. files.ListFolders(folder).Select(PayloadLocation.ParseMonth).OfType<int>().Order()];

    public IReadOnlyList<int> Segments(int month) =>
        [.. files.ListFiles(Path.Combine(folder, PayloadLocation.MonthName(month)))
            .Where(f => f.EndsWith(".pay", StringComparison.Ordinal))
            .Select(f => int.TryParse(f.AsSpan(0, f.Length - 4), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1)
            .Where(n => n >= 0).Order()];

    /// <summary>Makes sure every segment but the last of <paramref name="current"/> has its index file, and goes on in that one.</summary>
    public void Recover(int current)
    {
        foreach (var month in Months())
        {
            var numbers = Segments(month);
            foreach (var number in numbers)
            {
                var active = month == current && number == numbers[^1];
                if (active)
                {
                    _active = Segment(month, number);
                    _activeIndex = Rebuild(_active);
                    files.DeleteIfExists(IndexPath(month, number));
                }
                else if (SubjectIndex.Load(files, IndexPath(month, number)) is null)
                {
                    Rebuild(Segment(month, number)).Save(files, IndexPath(month, number));
                }
            }
        }
    }

    /// <summary>A place for a frame of the month, in the segment being filled.</summary>
    public (PayloadSegment Segment, uint Offset) Reserve(int month, int length)
    {
        lock (_gate)
        {
            if (_active is null || _active.Month != month || _active.End + length > MaximumSegmentBytes)
            {
                Roll(month);
            }

            return (_active!, _active!.Reserve(length));
        }
    }

    public void Index(PayloadSegment segment, UInt128 tag, uint offset)
    {
        lock (_gate)
        {
            if (segment == _active)
            {
                _activeIndex.Add(tag, offset);
                return;
            }

            // The segment was closed between reservation and here.
            var path = IndexPath(segment.Month, segment.Number);
            var index = SubjectIndex.Load(files, path) ?? Rebuild(segment);
            if (!index.Find(tag).Contains(offset))
            {
                index.Add(tag, offset);
            }

            index.Save(files, path);
        }
    }

    /// <summary>The subject's frames in a month.</summary>
    public IReadOnlyList<PayloadLocation> Find(int month, UInt128 tag)
    {
        lock (_gate)
        {
            var found = new List<PayloadLocation>();
            foreach (var number in Segments(month))
            {
                var offsets = IsActive(month, number) ? _activeIndex.Find(tag)
                    : SubjectIndex.Find(files, IndexPath(month, number), tag) ?? Rebuild(Segment(month, number)).Find(tag);
                found.AddRange(offsets.Select(o => new PayloadLocation(month, number, o)));
            }

            return found;
        }
    }

    /// <summary>Removes the subject's rows, durably.</summary>
    public void Forget(int month, UInt128 tag)
    {
        lock (_gate)
        {
            foreach (var number in Segments(month))
            {
                var path = IndexPath(month, number);
                if (IsActive(month, number))
                {
                    _activeIndex.Remove(tag);
                }
                else if (SubjectIndex.Load(files, path) is { } index && index.Remove(tag))
                {
                    index.Save(files, path);
                }
            }
        }
    }

    /// <summary>The segment; null when it does not exist.</summary>
    public PayloadSegment? TrySegment(int month, int number)
    {
        lock (_gate)
        {
            return _open.TryGetValue((month, number), out var open) ? open
                : files.Exists(Path.Combine(folder, PayloadSegment.FileName(month, number))) ? Segment(month, number) : null;
        }
    }

    public void Sync()
    {
        PayloadSegment[] dirty;
        lock (_gate)
        {
            dirty = [.. _open.Values.Where(s => s.Dirty)];
        }

        foreach (var segment in dirty)
        {
            segment.Sync();
        }
    }

    public void DeleteMonth(int month)
    {
        lock (_gate)
        {
            foreach (var key in _open.Keys.Where(k => k.Month == month).ToArray())
            {
                _open[key].Dispose();
                _open.Remove(key);
            }

            if (_active?.Month == month)
            {
                (_active, _activeIndex) = (null, new SubjectIndex());
            }

            files.DeleteFolder(Path.Combine(folder, PayloadLocation.MonthName(month)));
            files.SyncDirectory(folder);
        }
    }

    public void Dispose()
    {
        foreach (var segment in _open.Values)
        {
            segment.Dispose();
        }
    }

    private bool IsActive(int month, int number) => _active?.Month == month && _active.Number == number;

    private void Roll(int month)
    {
        if (_active is { } full)
        {
            full.Sync();
            _activeIndex.Save(files, IndexPath(full.Month, full.Number));
        }

        var numbers = Segments(month);
        var monthFolder = Path.Combine(folder, PayloadLocation.MonthName(month));
        files.CreateDirectory(monthFolder);
        files.SyncDirectory(folder);
        _active = Segment(month, numbers.Count == 0 ? 0 : numbers[^1] + 1);
        files.SyncDirectory(monthFolder);
        _activeIndex = new SubjectIndex();
    }

    private SubjectIndex Rebuild(PayloadSegment segment)
    {
        var index = new SubjectIndex();
        segment.Scan(locate, (offset, frame) =>
        {
            if (!PayloadFrame.IsErased(frame))
            {
                index.Add(tagOf(PayloadFrame.KeyRefOf(frame), PayloadFrame.Subject(frame).ToArray()), (uint)offset);
            }
        });
        return index;
    }

    private PayloadSegment Segment(int month, int number)
    {
        if (!_open.TryGetValue((month, number), out var segment))
        {
            segment = PayloadSegment.Open(files, folder, month, number);
            _open.Add((month, number), segment);
        }

        return segment;
    }

    private string IndexPath(int month, int number) => Path.Combine(folder, Path.ChangeExtension(PayloadSegment.FileName(month, number), ".idx"));
}
