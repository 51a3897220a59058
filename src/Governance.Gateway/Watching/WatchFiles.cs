using System.Text.Json;
using Governance.Core;
using Governance.Gateway.Hosting;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>Counts on disk: for each arm a file of its windows, replaced as a whole when they changed.</summary>
internal static class WatchFiles
{
    private const int Format = 1;

    public static string Folder(DataFolder data)
    {
        var folder = Path.Combine(data.Root, "watching");
        KeyFile.CreatePrivateFolder(folder);
        return folder;
    }

    public static void Save(string folder, LiveWatch watch)
    {
        foreach (var key in watch.Arms.Where(watch.TakeChanged))
        {
            // Serialised under the arm's own lock; the request path does not take it.
            var bytes = watch.Read(key, w => GovernanceJson.Serialize(new SavedArm(
                Format, key.Route, key.Version, key.Arm, [.. w.Minutes.Select(Saved)], [.. w.Hours.Select(Saved)])));
            Replace(FileOf(folder, key), bytes!);
        }
    }

    /// <summary>Drops arms that answer no more and of which nothing is kept.</summary>
    public static void Forget(string folder, LiveWatch watch, IReadOnlyCollection<ArmKey> answering)
    {
        foreach (var key in watch.Arms.Where(k => !answering.Contains(k) && watch.Read(k, w => w.Minutes.Count + w.Hours.Count == 0)))
        {
            watch.Forget(key);
            File.Delete(FileOf(folder, key));
        }
    }

    /// <summary>Gives back what was saved; files that cannot be read, or are older than what is kept, are left out.</summary>
    public static void Load(string folder, LiveWatch watch)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "arm-*.json").Order(StringComparer.Ordinal))
        {
            if (Read<SavedArm>(file) is { Format: Format } saved)
            {
                watch.Restore(new ArmKey(saved.Route, saved.Version, saved.Arm), new WatchWindows { Minutes = Windows(saved.Minutes), Hours = Windows(saved.Hours) });
            }
        }
    }

    public static void Write<T>(string file, T value) => Replace(file, GovernanceJson.Serialize(value));

    /// <summary>Null when there is no such file, or it is not one of ours.</summary>
    public static T? Read<T>(string file)
        where T : class
    {
        try
        {
            return File.Exists(file) ? GovernanceJson.Deserialize<T>(File.ReadAllBytes(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FileOf(string folder, ArmKey key) => Path.Combine(folder, $"arm-{key.Route}-{key.Version}-{key.Arm}.json");

    private static void Replace(string file, byte[] bytes)
    {
        File.WriteAllBytes(file + ".next", bytes);
        File.Move(file + ".next", file, overwrite: true);
    }

    private static SavedWindow Saved(KeyValuePair<DateTimeOffset, WindowCounts> window)
    {
        var (at, c) = window;
        return new SavedWindow(at, c.Requests, c.Rows, c.Adverse, c.Refused, c.Failed, Sparse(c.Scores), Sparse(c.Latency), c.Bins, c.Outside,
            c.Groups?.Counts.Select(g => new SavedGroup(g.Key.Attribute, g.Key.Level, g.Value.Rows, g.Value.Adverse)).ToList());
    }

    private static SortedDictionary<DateTimeOffset, WindowCounts> Windows(IEnumerable<SavedWindow> saved) => new(saved
        .Where(w => Fits(w.Scores, WindowCounts.ScoreBins) && Fits(w.Latency, LatencySketch.Length))
        .GroupBy(w => w.At).ToDictionary(g => g.Key, g => Counts(g.First())));

    private static WindowCounts Counts(SavedWindow w) => new()
    {
        Requests = w.Requests,
        Rows = w.Rows,
        Adverse = w.Adverse,
        Refused = w.Refused,
        Failed = w.Failed,
        Scores = Dense(w.Scores, WindowCounts.ScoreBins),
        Latency = Dense(w.Latency, LatencySketch.Length),
        Bins = w.Bins,
        Outside = w.Outside,
        Groups = Groups(w.Groups),
    };

    private static GroupCounts? Groups(IReadOnlyList<SavedGroup>? saved)
    {
        if (saved is null)
        {
            return null;
        }

        var groups = new GroupCounts();
        foreach (var group in saved)
        {
            groups.Add(new GroupKey(group.Attribute, group.Level), new GroupCount(group.Rows, group.Adverse));
        }

        return groups;
    }

    private static Dictionary<int, long> Sparse(long[] counts) => counts.Index().Where(c => c.Item != 0).ToDictionary(c => c.Index, c => c.Item);

    private static bool Fits(Dictionary<int, long> counts, int length) => counts.Keys.All(k => k >= 0 && k < length);

    private static long[] Dense(Dictionary<int, long> counts, int length)
    {
        var dense = new long[length];
        foreach (var (at, count) in counts)
        {
            dense[at] = count;
        }

        return dense;
    }

    private sealed record SavedArm(int Format, string Route, int Version, RouteArm Arm, IReadOnlyList<SavedWindow> Minutes, IReadOnlyList<SavedWindow> Hours);

    private sealed record SavedWindow(
        DateTimeOffset At, long Requests, long Rows, long Adverse, long Refused, long Failed, Dictionary<int, long> Scores, Dictionary<int, long> Latency, long[] Bins, long[] Outside,
        IReadOnlyList<SavedGroup>? Groups = null);

    private sealed record SavedGroup(string Attribute, string Level, long Rows, long Adverse);
}
