namespace Governance.Policy.Cel;

/// <summary>Finds the name somebody probably meant: the closest by edit distance, if it is close.</summary>
internal static class NearestName
{
    private const int MaxLength = 80;

    /// <summary><c>; did you mean 'x'?</c>, or the empty text.</summary>
    public static string Suggest(string name, IEnumerable<string> candidates)
    {
        var best = candidates
            .Where(c => c.Length <= MaxLength && name.Length <= MaxLength)
            .Select(c => (Name: c, Distance: Distance(name, c)))
            .Where(c => c.Distance <= (name.Length < 4 ? 1 : Math.Max(2, name.Length / 3)))
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name)
            .FirstOrDefault();
        return best is null ? "" : $"; did you mean '{best}'?";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
