namespace Governance.Policy.Cel;

/// <summary>The well-known protobuf messages that are plain values in the language: wrappers, Struct, Value, ListValue, Timestamp, Duration.</summary>
internal static class WellKnown
{
    private const string Prefix = "google.protobuf.";

    private static readonly Dictionary<string, (CelType Result, Dictionary<string, CelType> Fields)> Messages = new(StringComparer.Ordinal)
    {
        ["BoolValue"] = Wrapper(CelType.Bool),
        ["BytesValue"] = Wrapper(CelType.Bytes),
        ["DoubleValue"] = Wrapper(CelType.Double),
        ["FloatValue"] = Wrapper(CelType.Double),
        ["Int32Value"] = Wrapper(CelType.Int),
        ["Int64Value"] = Wrapper(CelType.Int),
        ["StringValue"] = Wrapper(CelType.String),
        ["UInt32Value"] = Wrapper(CelType.Uint),
        ["UInt64Value"] = Wrapper(CelType.Uint),
        ["Timestamp"] = (CelType.Timestamp, new() { ["seconds"] = CelType.Int, ["nanos"] = CelType.Int }),
        ["Duration"] = (CelType.Duration, new() { ["seconds"] = CelType.Int, ["nanos"] = CelType.Int }),
        ["Struct"] = (CelType.MapOf(CelType.String, CelType.Dyn), new() { ["fields"] = CelType.MapOf(CelType.String, CelType.Dyn) }),
        ["ListValue"] = (CelType.ListOf(CelType.Dyn), new() { ["values"] = CelType.ListOf(CelType.Dyn) }),
        ["Value"] = (CelType.Dyn, new()
        {
            ["null_value"] = CelType.Dyn, ["number_value"] = CelType.Double, ["string_value"] = CelType.String, ["bool_value"] = CelType.Bool,
            ["struct_value"] = CelType.MapOf(CelType.String, CelType.Dyn), ["list_value"] = CelType.ListOf(CelType.Dyn),
        }),
    };

    public static IEnumerable<string> Names => Messages.Keys.Select(k => Prefix + k);

    public static bool IsMessage(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && Messages.ContainsKey(name[Prefix.Length..]);

    public static (CelType Result, IReadOnlyDictionary<string, CelType> Fields) Describe(string name) => Messages[name[Prefix.Length..]];

    public static CelValue Create(string name, IReadOnlyDictionary<string, CelValue> fields)
    {
        var (result, declared) = Messages[name[Prefix.Length..]];
        foreach (var (field, value) in fields)
        {
            if (!declared.TryGetValue(field, out var type))
            {
                return CelValue.Error(CelErrorCode.NoSuchField, $"no such field: {field}");
            }

            if (!type.Admits(value))
            {
                return Operators.NoOverload(name, value);
            }
        }

        return name[Prefix.Length..] switch
        {
            "Timestamp" => Time(fields, (seconds, nanos) => CelTime.Add(CelValue.Timestamp(0), (seconds * CelTime.NanosPerSecond) + nanos)),
            "Duration" => Time(fields, (seconds, nanos) => CelTime.DurationOf((seconds * CelTime.NanosPerSecond) + nanos)),
            "Struct" => fields.GetValueOrDefault("fields") is { Kind: CelKind.Map } map ? map : CelValue.Of(CelMap.Empty),
            "ListValue" => fields.GetValueOrDefault("values") is { Kind: CelKind.List } list ? list : CelValue.Of(CelList.Empty),
            "Value" => fields.Count == 0 || fields.ContainsKey("null_value") ? CelValue.Null : fields.Values.First(),
            var wrapper => fields.TryGetValue("value", out var value) ? Narrow(wrapper, value) : Zero(result.Parameters[0]),
        };
    }

    private static CelValue Narrow(string wrapper, in CelValue value) => wrapper switch
    {
        "Int32Value" when value.AsInt is < int.MinValue or > int.MaxValue => CelValue.Error(CelErrorCode.Overflow, "range: the number does not fit 32 bits"),
        "UInt32Value" when value.AsUint > uint.MaxValue => CelValue.Error(CelErrorCode.Overflow, "range: the number does not fit 32 bits"),
        "FloatValue" => CelValue.Of((double)(float)value.AsDouble),
        _ => value,
    };

    private static CelValue Zero(CelType type) => type.Kind switch
    {
        CelTypeKind.Bool => CelValue.False,
        CelTypeKind.Bytes => CelValue.Of(Array.Empty<byte>()),
        CelTypeKind.Double => CelValue.Of(0.0),
        CelTypeKind.Int => CelValue.Of(0L),
        CelTypeKind.Uint => CelValue.Of(0UL),
        _ => CelValue.Of(""),
    };

    private static CelValue Time(IReadOnlyDictionary<string, CelValue> fields, Func<Int128, Int128, CelValue> make) =>
        make(fields.GetValueOrDefault("seconds").AsInt, fields.GetValueOrDefault("nanos").AsInt);

    private static (CelType Result, Dictionary<string, CelType> Fields) Wrapper(CelType primitive) =>
        (CelType.WrapperOf(primitive), new() { ["value"] = primitive });
}
