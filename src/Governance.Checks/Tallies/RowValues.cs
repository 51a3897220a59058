namespace Governance.Checks.Tallies;

/// <summary>
/// Numbers of single rows in a count map, for figures that need to know which values belong together (paired scores, pairings of rows). The key is the row, and
/// the bits of each number are three counts, so that maps of disjoint rows still merge by addition. Costs 24 bytes a number; use it only where counts by value do not do.
/// </summary>
internal static class RowValues
{
    private const int Pieces = 3;
    private const int PieceBits = 22;
    private const ulong PieceMask = (1UL << PieceBits) - 1;

    /// <summary>Width of the map that holds so many numbers a row.</summary>
    public static int Width(int numbers) => (numbers * Pieces) + 1;

    /// <param name="row">Once in all shards together.</param>
    public static void Add(CountMapBuilder map, long row, params ReadOnlySpan<double> numbers)
    {
        map.Add(row, 0);
        for (var i = 0; i < numbers.Length; i++)
        {
            var bits = SortableDouble.Encode(numbers[i]);
            for (var piece = 0; piece < Pieces; piece++)
            {
                map.Add(row, 1 + (i * Pieces) + piece, (long)((bits >> (piece * PieceBits)) & PieceMask));
            }
        }
    }

    /// <summary>The rows of a map in ascending order, each with its numbers.</summary>
    public static IReadOnlyList<(int Row, double[] Numbers)> Read(CountMap map)
    {
        var numbers = (map.Width - 1) / Pieces;
        return [.. Enumerable.Range(0, map.Length).Select(at => ((int)map.Key(at), Enumerable.Range(0, numbers).Select(i => Number(map, at, i)).ToArray()))];
    }

    private static double Number(CountMap map, int at, int number)
    {
        var bits = 0UL;
        for (var piece = 0; piece < Pieces; piece++)
        {
            bits |= (ulong)map.Count(at, 1 + (number * Pieces) + piece) << (piece * PieceBits);
        }

        return SortableDouble.Decode(bits);
    }
}
