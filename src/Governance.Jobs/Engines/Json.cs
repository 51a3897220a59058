using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines;

/// <summary>Reads answers that may have any shape: what is not there, or is something else, is null.</summary>
internal static class Json
{
    public static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject json ? json[name] : null;
        }

        return node;
    }

    public static string? Text(JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static int? Number(JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    public static IEnumerable<JsonObject> List(JsonNode? node, params ReadOnlySpan<string> path) => At(node, path) is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>A back end's words, short enough for a message.</summary>
    public static string Clip(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
