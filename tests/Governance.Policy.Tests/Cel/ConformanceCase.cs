using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Governance.Policy.Cel;

namespace Governance.Policy.Tests.Cel;

/// <summary>One case of the public suite, in the JSON form of cel.expr.conformance.test.SimpleTest.</summary>
internal sealed record ConformanceCase(string File, JsonElement Json)
{
    public string Name => $"{File}/{Json.GetProperty("section").GetString()}/{Json.GetProperty("name").GetString()}";

    public string Source => Json.GetProperty("expr").GetString()!;

    public bool NeedsProtobuf => Flag("needs_protobuf");

    public static IEnumerable<ConformanceCase> Read(string path)
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
        foreach (var test in document.RootElement.GetProperty("tests").EnumerateArray())
        {
            yield return new ConformanceCase(Path.GetFileNameWithoutExtension(path), test.Clone());
        }
    }

    /// <summary>Null when the case passes, else what went wrong.</summary>
    public string? Run(CancellationToken cancellationToken)
    {
        var (environment, unsupported) = Environment();
        if (unsupported is not null)
        {
            return unsupported;
        }

        var compiled = environment!.Compile(Source, new CelOptions { Check = !Flag("disable_check"), Macros = !Flag("disable_macros") });
        var wantsError = Json.TryGetProperty("eval_error", out _) || Json.TryGetProperty("any_eval_errors", out _);
        if (compiled.Program is not { } program)
        {
            return wantsError ? null : $"does not compile: {compiled.Issues[0].Message}";
        }

        if (Json.TryGetProperty("typed_result", out var typed) && typed.TryGetProperty("deduced_type", out var deduced)
            && ConformanceValues.Type(deduced).ToString() is var wanted && wanted != program.ResultType.ToString())
        {
            return $"deduced {program.ResultType}, wanted {wanted}";
        }

        return Flag("check_only") ? null : Evaluate(environment, program, wantsError, cancellationToken);
    }

    private string? Evaluate(CelEnvironment environment, CelProgram program, bool wantsError, CancellationToken cancellationToken)
    {
        var activation = new CelActivation(environment);
        foreach (var (name, value) in Bindings())
        {
            activation.Set(name, value);
        }

        var result = program.Evaluate(activation, cancellationToken);
        if (wantsError)
        {
            return result.IsError ? null : $"gave {result}, wanted an error";
        }

        var expected = Json.TryGetProperty("value", out var plain) ? ConformanceValues.Value(plain)
            : Json.TryGetProperty("typed_result", out var typed) ? ConformanceValues.Value(typed.GetProperty("result"))
            : CelValue.True;
        return ConformanceValues.Identical(result, expected) || ConformanceValues.Identical(result, ConformanceValues.Unescaped(expected)) ? null : $"gave {result.Kind} {result}, wanted {expected.Kind} {expected}";
    }

    private (CelEnvironment? Environment, string? Unsupported) Environment()
    {
        var variables = new Dictionary<string, CelType>(StringComparer.Ordinal);
        var overloads = new List<CelOverload>();
        if (Json.TryGetProperty("type_env", out var declarations))
        {
            foreach (var declaration in declarations.EnumerateArray())
            {
                var name = declaration.GetProperty("name").GetString()!;
                if (declaration.TryGetProperty("ident", out var ident))
                {
                    variables[name] = ConformanceValues.Type(ident.GetProperty("type"));
                }
                else
                {
                    overloads.AddRange(ConformanceValues.Overloads(name, declaration.GetProperty("function")));
                }
            }
        }

        foreach (var (name, _) in Bindings())
        {
            variables.TryAdd(name, CelType.Dyn);
        }

        return (new CelEnvironment(variables, null, Json.TryGetProperty("container", out var container) ? container.GetString()! : "", overloads), null);
    }

    private IEnumerable<(string Name, CelValue Value)> Bindings() =>
        Json.TryGetProperty("bindings", out var bindings)
            ? bindings.EnumerateObject().Select(b => (b.Name, ConformanceValues.Value(b.Value.GetProperty("value"))))
            : [];

    private bool Flag(string name) => Json.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}

/// <summary>Reads the proto3 JSON forms of cel.expr.Value and cel.expr.Type.</summary>
internal static class ConformanceValues
{
    public static CelValue Value(JsonElement json)
    {
        var member = json.EnumerateObject().First();
        var value = member.Value;
        return member.Name switch
        {
            "null_value" => CelValue.Null,
            "bool_value" => CelValue.Of(value.GetBoolean()),
            "int64_value" => CelValue.Of(long.Parse(value.GetString()!, CultureInfo.InvariantCulture)),
            "uint64_value" => CelValue.Of(ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture)),
            "double_value" => CelValue.Of(value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble()),
            "string_value" => CelValue.Of(value.GetString()!),
            "bytes_value" => CelValue.Of(value.GetBytesFromBase64()),
            "type_value" => CelValue.Of(CelType.Opaque(value.GetString()!)),
            "list_value" => CelValue.ListOf([.. Items(value, "values").Select(Value)]),
            "map_value" => CelMap.Create([.. Items(value, "entries").Select(e => KeyValuePair.Create(Value(e.GetProperty("key")), Value(e.GetProperty("value"))))]),
            _ => throw new NotSupportedException($"value of form {member.Name}"),
        };
    }

    /// <summary>Same kind and same value; NaN is NaN; maps in any order.</summary>
    public static bool Identical(CelValue left, CelValue right) =>
        left.Kind == right.Kind && left.Kind switch
        {
            CelKind.Double => left.AsDouble.Equals(right.AsDouble),
            CelKind.List => left.AsList.Count == right.AsList.Count
                && Enumerable.Range(0, left.AsList.Count).All(i => Identical(left.AsList[i], right.AsList[i])),
            CelKind.Map => left.AsMap.Count == right.AsMap.Count
                && left.AsMap.Entries.ToArray().All(e => right.AsMap.TryGet(e.Key, out var other) && Identical(e.Value, other)),
            _ => left == right,
        };

    /// <summary>
    /// The conversion of the suite to JSON left some escapes of the text format (\\u, \\U, \\?) undecoded in expected values, which shows as a
    /// literal backslash where the source has none; this decodes them.
    /// </summary>
    public static CelValue Unescaped(CelValue expected) => expected.Kind switch
    {
        CelKind.String => CelValue.Of(Decode(expected.AsString)),
        CelKind.Bytes => CelValue.Of(System.Text.Encoding.Latin1.GetBytes(Decode(System.Text.Encoding.Latin1.GetString(expected.AsBytes)))),
        _ => expected,
    };

    private static string Decode(string text) =>
        Regex.Replace(text, @"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\\?", m =>
            m.Value == @"\?" ? "?" : char.ConvertFromUtf32(int.Parse(m.Value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));

    public static CelType Type(JsonElement json)
    {
        var member = json.EnumerateObject().First();
        var type = member.Value;
        return member.Name switch
        {
            "dyn" => CelType.Dyn,
            "null" => CelType.Null,
            "primitive" => Primitive(type.GetString()!),
            "wrapper" => CelType.WrapperOf(Primitive(type.GetString()!)),
            "well_known" => type.GetString() switch { "TIMESTAMP" => CelType.Timestamp, "DURATION" => CelType.Duration, var other => throw new NotSupportedException(other) },
            "list_type" => CelType.ListOf(Type(type.GetProperty("elem_type"))),
            "map_type" => CelType.MapOf(Type(type.GetProperty("key_type")), Type(type.GetProperty("value_type"))),
            "type" => CelType.TypeOf(type.EnumerateObject().Any() ? Type(type) : CelType.Dyn),
            "type_param" => CelType.Parameter(type.GetString()!),
            "abstract_type" => CelType.Opaque(type.GetProperty("name").GetString()!, [.. Items(type, "parameter_types").Select(Type)]),
            var other => throw new NotSupportedException($"type of form {other}"),
        };
    }

    public static IEnumerable<CelOverload> Overloads(string name, JsonElement function) =>
        Items(function, "overloads").Select(o => new CelOverload(
            name,
            o.TryGetProperty("is_instance_function", out var instance) && instance.GetBoolean(),
            [.. Items(o, "params").Select(Type)],
            Type(o.GetProperty("result_type")),
            null));

    private static CelType Primitive(string name) => name switch
    {
        "BOOL" => CelType.Bool,
        "INT64" => CelType.Int,
        "UINT64" => CelType.Uint,
        "DOUBLE" => CelType.Double,
        "STRING" => CelType.String,
        "BYTES" => CelType.Bytes,
        _ => throw new NotSupportedException(name),
    };

    private static List<JsonElement> Items(JsonElement json, string name) =>
        json.TryGetProperty(name, out var items) ? [.. items.EnumerateArray()] : [];
}
