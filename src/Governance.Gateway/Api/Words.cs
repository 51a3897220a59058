using System.Text.Json;

namespace Governance.Gateway.Api;

/// <summary>Reads one of an enumeration's values from an address, written as the API writes them.</summary>
internal static class Words
{
    /// <exception cref="BadHttpRequestException">It is none of them.</exception>
    public static TEnum? Parse<TEnum>(string name, string? text)
        where TEnum : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var words = Enum.GetValues<TEnum>().ToDictionary(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()), StringComparer.Ordinal);
        return words.TryGetValue(text, out var value) ? value : throw new RequestFaultException($"{name} is one of {string.Join(", ", words.Keys)}.");
    }
}
