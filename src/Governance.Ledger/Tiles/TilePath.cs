using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// The name of a tile or entry bundle in the C2SP tlog-tiles read view: pure arithmetic on paths and sizes. Immutable.
/// </summary>
/// <param name="Level">Tile level, 0 to 7 here (level L holds the nodes at height 8·L); null for an entry bundle.</param>
/// <param name="Index">Which tile of the level, from 0.</param>
/// <param name="Width">Hashes or entries: 256 for a full tile, 1 to 255 for a partial one.</param>
public readonly record struct TilePath(int? Level, long Index, int Width)
{
    /// <summary>Hashes in a full tile.</summary>
    public const int FullWidth = 256;

    private const int MaximumLevel = LedgerPaths.MaximumLevel / 8;

    /// <summary>Reads <c>tile/L/N[.p/W]</c> or <c>tile/entries/N[.p/W]</c>; only the canonical spelling is accepted.</summary>
    public static bool TryParse(string path, out TilePath tile)
    {
        tile = default;
        var parts = path.Split('/');
        if (path.Length > 100 || parts.Length < 3 || !string.Equals(parts[0], "tile", StringComparison.Ordinal))
        {
            return false;
        }

        int? level = null;
        if (!string.Equals(parts[1], "entries", StringComparison.Ordinal))
        {
            if (!Checkpoint.TryParseNumber(parts[1], out var number) || number > MaximumLevel)
            {
                return false;
            }

            level = (int)number;
        }

        var width = (long)FullWidth;
        var groups = parts[2..];
        if (groups.Length >= 2 && groups[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!Checkpoint.TryParseNumber(groups[^1], out width) || width is < 1 or >= FullWidth)
            {
                return false;
            }

            groups = [.. groups[..^2], groups[^2][..^2]];
        }

        var index = 0L;
        for (var i = 0; i < groups.Length; i++)
        {
            var digits = i < groups.Length - 1 && groups[i].StartsWith('x') ? groups[i][1..] : groups[i];
            if (digits.Length != 3
                || (i < groups.Length - 1) != groups[i].StartsWith('x')
                || groups.Length > 6
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var group))
            {
                return false;
            }

            index = index * 1000 + group;
        }

        tile = new TilePath(level, index, (int)width);
        return string.Equals(tile.ToString(), path, StringComparison.Ordinal);
    }

    /// <summary>True when a tree of <paramref name="size"/> entries has this tile at least this wide.</summary>
    public bool ExistsAt(long size)
    {
        var height = 8 * (Level ?? 0);
        return Index <= (long.MaxValue >> height) / FullWidth - 1 && Index * FullWidth + Width <= size >> height;
    }

    public override string ToString()
    {
        var groups = string.Create(CultureInfo.InvariantCulture, $"{Index % 1000:d3}");
        for (var rest = Index / 1000; rest > 0; rest /= 1000)
        {
            groups = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:d3}/{groups}");
        }

        var level = Level is { } number ? number.ToString(CultureInfo.InvariantCulture) : "entries";
        return Width == FullWidth ? $"tile/{level}/{groups}" : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{groups}.p/{Width}");
    }
}
