using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Core.Evidence;

/// <summary>One place in which two results differ.</summary>
/// <param name="Place">As a path: <c>measures[3].value</c>.</param>
/// <param name="Was">In the first result, as JSON; null when it is not there.</param>
/// <param name="Is">In the second.</param>
public sealed record ResultDifference(string Place, string? Was, string? Is);

/// <summary>Compares two results of a check. Pure functions.</summary>
public static class ResultComparison
{
    /// <summary>Differences that are listed, at most.</summary>
    public const int Most = 50;

    private const int LongestText = 200;

    /// <summary>Where the results differ, in the order of the document; empty when they are the same.</summary>
    /// <param name="tolerance">Numbers differ when they are further apart than this part of the larger one; 0 or more.</param>
    public static IReadOnlyList<ResultDifference> Of(CheckResult first, CheckResult second, double tolerance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tolerance);
        return first.ComputeDigest() == second.ComputeDigest() ? [] : [.. Differ("", Node(first), Node(second), tolerance).Take(Most)];
    }

    private static JsonNode? Node(CheckResult result) => JsonNode.Parse(GovernanceJson.Serialize(result));

    private static IEnumerable<ResultDifference> Differ(string place, JsonNode? a, JsonNode? b, double tolerance) => (a, b) switch
    {
        (JsonObject x, JsonObject y) => x.Select(p => p.Key).Union(y.Select(p => p.Key)).SelectMany(k => Differ(place.Length == 0 ? k : $"{place}.{k}", x[k], y[k], tolerance)),
        (JsonArray x, JsonArray y) => Enumerable.Range(0, Math.Max(x.Count, y.Count)).SelectMany(i => Differ($"{place}[{i}]", At(x, i), At(y, i), tolerance)),
        _ => Same(a, b, tolerance) ? [] : [new ResultDifference(place, Text(a), Text(b))],
    };

    private static JsonNode? At(JsonArray array, int index) => index < array.Count ? array[index] : null;

    private static bool Same(JsonNode? a, JsonNode? b, double tolerance)
    {
        if (tolerance > 0 && a?.GetValueKind() == JsonValueKind.Number && b?.GetValueKind() == JsonValueKind.Number)
        {
            var (x, y) = (a.GetValue<double>(), b.GetValue<double>());
            return Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y));
        }

        return JsonNode.DeepEquals(a, b);
    }

    private static string? Text(JsonNode? node) => node?.ToJsonString() is { } text ? text.Length <= LongestText ? text : text[..LongestText] + "…" : null;
}
