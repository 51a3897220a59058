using System.Text.Json.Nodes;
using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>
/// A check's parameters and results as JSON Schema (draft 2020-12), written from its <see cref="CheckDescriptor"/>: the record that the parser of parameters
/// reads and that tests hold results to. Pure and thread-safe.
/// </summary>
public static class CheckSchemas
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>An object of parameter name to number; names that are not listed are refused.</summary>
    public static JsonObject Parameters(CheckDescriptor check) => new()
    {
        ["$schema"] = Dialect,
        ["title"] = $"Parameters of {check.Id} {check.Version}",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(check.Parameters.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, new JsonObject
        {
            ["type"] = p.IsWhole ? "integer" : "number",
            ["description"] = p.Description,
            ["default"] = p.Default,
            ["minimum"] = p.Minimum,
            ["maximum"] = p.Maximum,
        }))),
    };

    /// <summary>The measures and tables of a <see cref="CheckResult"/>; its other members are the same for every check.</summary>
    public static JsonObject Result(CheckDescriptor check) => new()
    {
        ["$schema"] = Dialect,
        ["title"] = $"Result of {check.Id} {check.Version}",
        ["type"] = "object",
        ["required"] = new JsonArray("check", "measures"),
        ["properties"] = new JsonObject
        {
            ["check"] = new JsonObject { ["const"] = check.Id },
            ["measures"] = Items([.. check.Measures.Select(Measure)]),
            ["tables"] = Items([.. check.Tables.Select(Table)]),
        },
    };

    private static JsonObject Items(JsonNode[] kinds) =>
        kinds.Length == 0 ? new() { ["type"] = "array", ["maxItems"] = 0 } : new() { ["type"] = "array", ["items"] = new JsonObject { ["oneOf"] = new JsonArray(kinds) } };

    private static JsonObject Measure(MeasureSchema measure)
    {
        var value = new JsonObject { ["type"] = "number" };
        if (measure.Minimum is { } minimum)
        {
            value["minimum"] = minimum;
        }

        if (measure.Maximum is { } maximum)
        {
            value["maximum"] = maximum;
        }

        return new JsonObject
        {
            ["description"] = measure.Meaning,
            ["required"] = new JsonArray("name"),
            ["properties"] = new JsonObject { ["name"] = new JsonObject { ["const"] = measure.Name }, ["value"] = value },
        };
    }

    private static JsonObject Table(TableSchema table) => new()
    {
        ["required"] = new JsonArray("name", "columns", "rows"),
        ["properties"] = new JsonObject
        {
            ["name"] = new JsonObject { ["const"] = table.Name },
            ["columns"] = new JsonObject
            {
                ["type"] = "array",
                ["prefixItems"] = new JsonArray([.. table.Columns.Select(c => new JsonObject { ["properties"] = new JsonObject { ["name"] = new JsonObject { ["const"] = c } } })]),
                ["items"] = false,
                ["minItems"] = table.Columns.Count,
            },
        },
    };
}
