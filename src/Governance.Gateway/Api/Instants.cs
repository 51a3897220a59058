using System.Globalization;

namespace Governance.Gateway.Api;

/// <summary>Reads <c>asOf</c>: an RFC 3339 instant, or a date, which means its last moment in UTC.</summary>
internal static class Instants
{
    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <exception cref="BadHttpRequestException">It is neither.</exception>
    public static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date == DateOnly.MaxValue ? DateTimeOffset.MaxValue : new DateTimeOffset(date.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).AddTicks(-1);
        }

        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : throw new RequestFaultException("asOf must be a date (2026-03-31) or an instant (2026-03-31T12:00:00Z).");
    }
}
