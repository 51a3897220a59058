using System.Globalization;

namespace Governance.Jobs.Engines;

/// <summary>Sets of indices as schedulers write them: <c>1,3-4</c>.</summary>
internal static class IndexRanges
{
    /// <param name="indices">Ascending.</param>
    public static string Write(IReadOnlyList<int> indices)
    {
        var parts = new List<string>();
        for (var i = 0; i < indices.Count;)
        {
            var first = i;
            while (i + 1 < indices.Count && indices[i + 1] == indices[i] + 1)
            {
                i++;
            }

            parts.Add(first == i
                ? indices[i].ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{indices[first]}-{indices[i]}"));
            i++;
        }

        return string.Join(',', parts);
    }

    /// <summary>Reads <c>1,3-4</c>; what is not of that form ("...") is left out.</summary>
    /// <param name="most">Indices above are left out: a hostile range costs nothing.</param>
    public static IEnumerable<int> Read(string text, int most)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', 2);
            if (int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                for (var i = first; i <= Math.Min(last, most); i++)
                {
                    yield return i;
                }
            }
        }
    }
}
