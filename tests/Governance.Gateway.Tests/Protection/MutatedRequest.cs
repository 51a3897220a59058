using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Protection;

/// <summary>A request of one of the protocols, changed by chance; the same chance gives the same request.</summary>
/// <param name="JsonLength">Of the header, where there is one.</param>
internal sealed partial record MutatedRequest(string Path, string ContentType, string? JsonLength, byte[] Body)
{
    /// <summary>In every request, many times: nothing of it may be found elsewhere.</summary>
    public const string Mark = "q7Zk";

    private const string Json = "application/json";
    private const string Binary = "application/octet-stream";
    private static readonly string[] Paths = [Lender.Route, "/V2" + Lender.Route[3..], $"/v2/models/{Lender.Model}/versions/2/infer"];
    private static readonly string[] Numbers =
    [
        "-1", "0", "-0", "1e39", "1e999", "-1e999", "1.5", "01", "1e", "2147483648", "9223372036854775808", "18446744073709551616", "NaN", "Infinity", "0x10",
        "1" + new string('0', 400), "0." + new string('3', 400), "null", "true", "\"1\"", "[]", "{}",
    ];

    private static readonly string[] Words =
    [
        "BOOL", "UINT8", "INT64", "FP16", "FP64", "BYTES", "fp32", "", "features", "score", "decision", "id", "\\ud800", "\\u0000", "\\uFFFF\\u202e", "\\", "female", new string('x', 70_000),
    ];

    private static readonly string[] Lengths = ["", "x", "-1", "0", "1", "1000000", "9223372036854775808", "1e2", "12 12", "+5"];
    private static readonly List<MutatedRequest> Seeds = Examples();

    /// <param name="chance">Makes all choices: example, address, and one to three changes.</param>
    public static MutatedRequest Make(Random chance)
    {
        var request = Seeds[chance.Next(Seeds.Count)];
        if (request.Path == Lender.Route)
        {
            request = request with { Path = Paths[chance.Next(Paths.Length)] };
        }

        for (var left = chance.Next(1, 4); left > 0; left--)
        {
            request = Change(request, chance);
        }

        return request;
    }

    /// <summary>Enough to make it again by hand.</summary>
    public override string ToString() => $"POST {Path}, {ContentType}, JSON length {JsonLength ?? "none"}, body in base64: {Convert.ToBase64String(Body)}";

    private static MutatedRequest Change(MutatedRequest r, Random chance) => chance.Next(12) switch
    {
        0 => r with { Body = [.. r.Body.Select(b => chance.Next(60) == 0 ? (byte)(b ^ (1 << chance.Next(8))) : b)] },
        1 => r with { Body = r.Body[..chance.Next(r.Body.Length + 1)] },
        2 => r with { Body = Spliced(r.Body, chance, Slice(r.Body, chance)) },
        3 => r with { Body = Spliced(r.Body, chance, RandomBytes(chance)) },
        4 => Without(r, chance),
        5 or 6 => Textual(r, chance, NumberToken(), _ => Numbers[chance.Next(Numbers.Length)]),
        7 => Textual(r, chance, StringToken(), _ => $"\"{Words[chance.Next(Words.Length)]}\""),
        8 => Textual(r, chance, chance.Next(2) == 0 ? NumberToken() : StringToken(), value => Nested(value, chance)),
        9 => Textual(r, chance, MemberToken(), member => $"{member},{member}"),
        10 => r with { JsonLength = chance.Next(3) == 0 ? Near(r, chance) : Lengths[chance.Next(Lengths.Length)] },
        _ => r with { ContentType = chance.Next(4) switch { 0 => Json, 1 => Binary, 2 => Json + "; charset=utf-16", _ => "text/plain" } },
    };

    private static string Near(MutatedRequest r, Random chance) => (r.Body.Length - chance.Next(-8, 60)).ToString(CultureInfo.InvariantCulture);

    private static MutatedRequest Without(MutatedRequest r, Random chance)
    {
        var from = chance.Next(r.Body.Length + 1);
        return r with { Body = [.. r.Body[..from], .. r.Body[Math.Min(r.Body.Length, from + chance.Next(1, 40))..]] };
    }

    private static byte[] Slice(byte[] body, Random chance)
    {
        var from = chance.Next(body.Length + 1);
        return body[from..Math.Min(body.Length, from + chance.Next(1, 200))];
    }

    private static byte[] RandomBytes(Random chance)
    {
        var bytes = new byte[chance.Next(1, 64)];
        chance.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Spliced(byte[] body, Random chance, byte[] more)
    {
        var at = chance.Next(body.Length + 1);
        return [.. body[..at], .. more, .. body[at..]];
    }

    private static string Nested(string value, Random chance)
    {
        var depth = chance.Next(1, 4) switch { 1 => 1, 2 => 9, _ => 5_000 };
        return chance.Next(2) == 0
            ? new string('[', depth) + value + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + value + new string('}', depth);
    }

    /// <summary>Replaces one match by chance; bytes that are not text stay what they are, and the header follows the JSON half of the time.</summary>
    private static MutatedRequest Textual(MutatedRequest r, Random chance, Regex token, Func<string, string> change)
    {
        var text = Encoding.Latin1.GetString(r.Body);
        var found = token.Matches(text);
        if (found.Count == 0)
        {
            return r;
        }

        var match = found[chance.Next(found.Count)];
        var changed = Encoding.Latin1.GetBytes(text[..match.Index] + change(match.Value) + text[(match.Index + match.Length)..]);
        return r with
        {
            Body = changed,
            JsonLength = chance.Next(2) == 0 && long.TryParse(r.JsonLength, CultureInfo.InvariantCulture, out var length)
                ? (length + changed.Length - r.Body.Length).ToString(CultureInfo.InvariantCulture) : r.JsonLength,
        };
    }

    private static List<MutatedRequest> Examples()
    {
        var features = Lender.Corrected.Features;
        float[] Row(int row) => [.. Lender.Call("x", row)["inputs"]![0]!["data"]!.AsArray().Select(v => v!.GetValue<float>())];
        var rows = new[] { Row(0), Row(1), Row(2) };
        JsonArray Values(IEnumerable<float> values) => new([.. values.Select(v => JsonValue.Create(v))]);
        JsonArray Nested() => new([.. rows.Select(r => (JsonNode)Values(r))]);
        JsonObject About() => new()
        {
            ["subject_ids"] = new JsonArray(Marked("a"), new JsonArray(Marked("b"), Marked("c")), Marked("d")),
            ["purpose"] = Marked("purpose"), ["jurisdiction"] = "EU",
            ["groups"] = new JsonArray(new JsonObject { ["sex"] = "female" }, new JsonObject(), new JsonObject { ["sex"] = "male" }),
            [Marked("own")] = new JsonObject { ["deep"] = new JsonArray(1, Marked("e")) },
        };
        JsonObject Tensor(string name, JsonArray shape, JsonNode data) => new() { ["name"] = name, ["shape"] = shape, ["datatype"] = "FP32", ["data"] = data };
        JsonObject Call(JsonArray inputs) => new()
        {
            ["parameters"] = About(), ["inputs"] = inputs,
            ["outputs"] = new JsonArray(new JsonObject { ["name"] = "decision" }, new JsonObject { ["name"] = "score", ["parameters"] = new JsonObject { ["binary_data"] = true } }),
        };
        MutatedRequest Scoring(JsonObject body)
        {
            body["params"] = About();
            return new MutatedRequest($"/mlflow/{Lender.Model}/invocations", Json, null, Encoding.UTF8.GetBytes(body.ToJsonString()));
        }

        var one = Lender.Call(Marked("one"));
        one["id"] = Marked("id");
        var columns = features.Select((f, i) => (JsonNode)Tensor(f, [3, 1], Values(rows.Select(r => r[i]))));
        return
        [
            new(Lender.Route, Json, null, Encoding.UTF8.GetBytes(one.ToJsonString())),
            new(Lender.Route, Json, null, Encoding.UTF8.GetBytes(Call([Tensor("features", [3, features.Count], Nested())]).ToJsonString())),
            new(Lender.Route, Json, null, Encoding.UTF8.GetBytes(Call([.. columns]).ToJsonString())),
            WithTail(Call([.. features.Select(f => Sized(f, 3))]), features.SelectMany((_, i) => rows.Select(r => r[i]))),
            WithTail(Call([Sized("features", 3, features.Count)]), rows.SelectMany(r => r)),
            Scoring(new JsonObject { ["dataframe_split"] = new JsonObject { ["columns"] = new JsonArray([.. features.Select(f => JsonValue.Create(f))]), ["index"] = new JsonArray(0, 1, 2), ["data"] = Nested() } }),
            Scoring(new JsonObject { ["dataframe_records"] = new JsonArray([.. rows.Select(r => new JsonObject(features.Select((f, i) => KeyValuePair.Create(f, (JsonNode?)JsonValue.Create(r[i])))))]) }),
            Scoring(new JsonObject { ["instances"] = Nested() }),
            Scoring(new JsonObject { ["inputs"] = new JsonObject(features.Select((f, i) => KeyValuePair.Create(f, (JsonNode?)Values(rows.Select(r => r[i]))))) }),
        ];
    }

    private static string Marked(string word) => string.Concat(Enumerable.Repeat(Mark, 6)) + word;

    private static JsonObject Sized(string name, params int[] shape) => new()
    {
        ["name"] = name, ["shape"] = new JsonArray([.. shape.Select(s => JsonValue.Create(s))]), ["datatype"] = "FP32",
        ["parameters"] = new JsonObject { ["binary_data_size"] = 4 * shape.Aggregate((a, b) => a * b) },
    };

    private static MutatedRequest WithTail(JsonObject call, IEnumerable<float> values)
    {
        var json = Encoding.UTF8.GetBytes(call.ToJsonString());
        return new MutatedRequest(Lender.Route, Binary, json.Length.ToString(CultureInfo.InvariantCulture), [.. json, .. values.SelectMany(BitConverter.GetBytes)]);
    }

    [GeneratedRegex(@"(?<=[:,\[])-?[0-9][0-9.eE+-]*")]
    private static partial Regex NumberToken();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex StringToken();

    [GeneratedRegex("\"[^\"]*\":(\"[^\"]*\"|[0-9.]+|\\[[^\\[\\]]*\\])")]
    private static partial Regex MemberToken();
}
