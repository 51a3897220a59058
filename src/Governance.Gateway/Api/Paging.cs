using System.Globalization;
using Governance.Client.Contracts;

namespace Governance.Gateway.Api;

/// <summary>Pages of lists: <c>pageSize</c> 1 to 200 (default 50) and an opaque <c>pageToken</c>.</summary>
internal readonly record struct Paging(int Size, string? After)
{
    public const int DefaultSize = 50;
    public const int LargestSize = 200;

    /// <exception cref="BadHttpRequestException">The size is out of range.</exception>
    public static Paging Of(int? pageSize, string? pageToken) => pageSize is null or (>= 1 and <= LargestSize)
        ? new Paging(pageSize ?? DefaultSize, string.IsNullOrEmpty(pageToken) ? null : pageToken)
        : throw new RequestFaultException($"pageSize must be from 1 to {LargestSize}.");

    /// <summary>A page of things in ordinal order of their keys.</summary>
    public Page<TView> Take<TItem, TView>(IEnumerable<KeyValuePair<string, TItem>> sorted, Func<TItem, TView> view)
    {
        var after = After;
        var rest = after is null ? sorted : sorted.SkipWhile(p => string.CompareOrdinal(p.Key, after) <= 0);
        var page = rest.Take(Size + 1).ToList();
        var more = page.Count > Size;
        var items = page.Take(Size).Select(p => view(p.Value)).ToList();
        return new Page<TView>(items, more ? page[Size - 1].Key : null);
    }

    /// <summary>A range of positions, newest first when <paramref name="descending"/>.</summary>
    /// <exception cref="BadHttpRequestException">The token is not one of ours.</exception>
    public (IReadOnlyList<long> Positions, string? Next) Range(long size, bool descending)
    {
        long start = descending ? size - 1 : 0;
        if (After is not null && (!long.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out start)))
        {
            throw new RequestFaultException("The pageToken is not one this list gave.");
        }

        var positions = new List<long>(Size);
        var position = Math.Min(start, size - 1);
        while (positions.Count < Size && position >= 0 && position < size)
        {
            positions.Add(position);
            position += descending ? -1 : 1;
        }

        return (positions, position >= 0 && position < size ? position.ToString(CultureInfo.InvariantCulture) : null);
    }
}
