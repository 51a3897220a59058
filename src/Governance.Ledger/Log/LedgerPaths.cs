using System.Globalization;

namespace Governance.Ledger;

/// <summary>Names of the files in a ledger folder; see the README beside this file.</summary>
internal static class LedgerPaths
{
    public const string Origin = "origin";
    public const string Keys = "keys";
    public const string Checkpoint = "checkpoint";
    public const string Witnessed = "witnessed";
    public const string Writer = "writer";

    /// <summary>Written and removed again to find out whether there is room.</summary>
    public const string Probe = "probe";
    public const string Segments = "segments";
    public const string Tree = "tree";
    public const int MaximumLevel = 62;

    public static string Segment(long firstIndex) => string.Create(CultureInfo.InvariantCulture, $"{Segments}/{firstIndex:d20}.seg");

    public static string SegmentIndex(long firstIndex) => string.Create(CultureInfo.InvariantCulture, $"{Segments}/{firstIndex:d20}.idx");

    public static string SegmentSeal(long firstIndex) => string.Create(CultureInfo.InvariantCulture, $"{Segments}/{firstIndex:d20}.seal");

    public static string Level(int level) => string.Create(CultureInfo.InvariantCulture, $"{Tree}/{level:d2}");

    /// <summary>First indexes of the segments in the folder, ascending.</summary>
    public static IReadOnlyList<long> FindSegments(IFileLayer files, string folder) =>
        [.. files.ListFiles(Path.Combine(folder, Segments)).Select(FirstIndex).Where(i => i >= 0).Order()];

    private static long FirstIndex(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return file.Length == 24 && file.EndsWith(".seg", StringComparison.Ordinal) && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
    }
}
