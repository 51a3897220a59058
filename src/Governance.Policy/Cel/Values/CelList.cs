namespace Governance.Policy.Cel;

/// <summary>A list. Immutable and thread-safe.</summary>
public sealed class CelList
{
    private readonly CelValue[] items;

    /// <param name="items">Not copied: the caller gives it away.</param>
    public CelList(CelValue[] items)
    {
        this.items = items;
        long size = 1;
        foreach (ref readonly var item in items.AsSpan())
        {
            size = CelSize.Sum(size, CelSize.Of(item));
        }

        Size = size;
    }

    public static CelList Empty { get; } = new([]);

    public int Count => items.Length;

    internal long Size { get; }

    public ref readonly CelValue this[int index] => ref items[index];

    public ReadOnlySpan<CelValue> Items => items;

    public bool Contains(in CelValue value)
    {
        foreach (ref readonly var item in items.AsSpan())
        {
            if (CelEquality.AreEqual(item, value))
            {
                return true;
            }
        }

        return false;
    }
}
