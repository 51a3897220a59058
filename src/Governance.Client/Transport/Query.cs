using System.Globalization;
using System.Text;

namespace Governance.Client.Transport;

/// <summary>Builds a path with a query from values that may be absent.</summary>
internal static class Query
{
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }

    public static string Page(string path, PageRequest page, params ReadOnlySpan<(string Name, string? Value)> more) =>
        With(path, [("pageSize", page.Size.ToString(CultureInfo.InvariantCulture)), ("pageToken", page.Token), .. more]);

    public static string? Instant(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
