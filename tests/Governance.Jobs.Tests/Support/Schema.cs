using System.Text.Json.Nodes;

namespace Governance.Jobs.Tests.Support;

/// <summary>Checks documents against the fields an API documents: unknown ones, wrong types and missing required ones are faults.</summary>
/// <param name="text">JSON of the same shape: <c>"str"</c>, <c>"int"</c>, <c>"num"</c>, <c>"bool"</c>, <c>"map"</c> of strings, one-element arrays; required names end in <c>!</c>.</param>
internal sealed class Schema(string text)
{
    private readonly JsonNode root = JsonNode.Parse(text)!;

    public string? Fault(JsonNode? document) => Fault("", document, root);

    private static string? Fault(string path, JsonNode? value, JsonNode schema) => schema switch
    {
        JsonObject fields => value is JsonObject json ? Object(path, json, fields) : $"{path}: not an object",
        JsonArray items => value is JsonArray array ? array.Select((v, i) => Fault($"{path}[{i}]", v, items[0]!)).FirstOrDefault(f => f is not null) : $"{path}: not an array",
        _ => schema.GetValue<string>() switch
        {
            "str" => value is JsonValue v && v.TryGetValue<string>(out _) ? null : $"{path}: not a string",
            "int" => value is JsonValue v && v.TryGetValue<long>(out _) ? null : $"{path}: not an integer",
            "num" => value is JsonValue v && v.TryGetValue<double>(out _) ? null : $"{path}: not a number",
            "bool" => value is JsonValue v && v.TryGetValue<bool>(out _) ? null : $"{path}: not a boolean",
            _ => value is JsonObject map && map.All(p => p.Value is JsonValue v && v.TryGetValue<string>(out _)) ? null : $"{path}: not a map of strings",
        },
    };

    private static string? Object(string path, JsonObject json, JsonObject fields)
    {
        var known = fields.ToDictionary(f => f.Key.TrimEnd('!'), f => f.Value!);
        return json.Where(p => !known.ContainsKey(p.Key)).Select(p => $"unknown field \"{path}.{p.Key}\"").FirstOrDefault()
            ?? fields.Where(f => f.Key.EndsWith('!') && !json.ContainsKey(f.Key.TrimEnd('!'))).Select(f => $"{path}.{f.Key.TrimEnd('!')}: Required value").FirstOrDefault()
            ?? json.Select(p => Fault($"{path}.{p.Key}", p.Value, known[p.Key])).FirstOrDefault(f => f is not null);
    }
}
