namespace Governance.Policy.Cel;

/// <summary>The families of types the checker knows.</summary>
public enum CelTypeKind
{
    /// <summary>Known only at run time: fits everywhere.</summary>
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    List,
    Map,

    /// <summary>The type of a type.</summary>
    Type,

    /// <summary>A named extension type with parameters: <c>optional_type(int)</c>, <c>net.IP</c>.</summary>
    Opaque,

    /// <summary>A primitive that may also be null (the protobuf wrappers).</summary>
    Wrapper,

    /// <summary>A map with string keys whose members are declared: one part of the input.</summary>
    Record,

    /// <summary>A type parameter of a generic function.</summary>
    Parameter,
}

/// <summary>A type. Immutable and thread-safe; <see cref="ToString"/> is its canonical text, and types with the same text are the same type.</summary>
public sealed class CelType
{
    private CelType(CelTypeKind kind, string name, IReadOnlyList<CelType>? parameters = null)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters ?? [];
    }

    public CelTypeKind Kind { get; }

    /// <summary>Name without parameters: what <c>type(x)</c> prints.</summary>
    public string Name { get; }

    public IReadOnlyList<CelType> Parameters { get; }

    /// <summary>Declared members of a record; empty for other kinds.</summary>
    public IReadOnlyDictionary<string, CelType> Fields { get; private init; } = new Dictionary<string, CelType>();

    /// <summary>Type of the members of a record that are not declared by name; null when there are none.</summary>
    public CelType? OtherFields { get; private init; }

    public static CelType Dyn { get; } = new(CelTypeKind.Dyn, "dyn");

    public static CelType Null { get; } = new(CelTypeKind.Null, "null_type");

    public static CelType Bool { get; } = new(CelTypeKind.Bool, "bool");

    public static CelType Int { get; } = new(CelTypeKind.Int, "int");

    public static CelType Uint { get; } = new(CelTypeKind.Uint, "uint");

    public static CelType Double { get; } = new(CelTypeKind.Double, "double");

    public static CelType String { get; } = new(CelTypeKind.String, "string");

    public static CelType Bytes { get; } = new(CelTypeKind.Bytes, "bytes");

    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp, "google.protobuf.Timestamp");

    public static CelType Duration { get; } = new(CelTypeKind.Duration, "google.protobuf.Duration");

    public static CelType ListOf(CelType element) => new(CelTypeKind.List, "list", [element]);

    public static CelType MapOf(CelType key, CelType value) => new(CelTypeKind.Map, "map", [key, value]);

    public static CelType TypeOf(CelType of) => new(CelTypeKind.Type, "type", [of]);

    public static CelType OptionalOf(CelType value) => new(CelTypeKind.Opaque, "optional_type", [value]);

    public static CelType Opaque(string name, params IReadOnlyList<CelType> parameters) => new(CelTypeKind.Opaque, name, parameters);

    public static CelType WrapperOf(CelType primitive) => new(CelTypeKind.Wrapper, "wrapper", [primitive]);

    public static CelType Parameter(string name) => new(CelTypeKind.Parameter, name);

    /// <param name="name">For messages: <c>Measure</c>.</param>
    /// <param name="fields">Declared members.</param>
    /// <param name="otherFields">Type of further members, reached by key; null when every member is declared.</param>
    public static CelType Record(string name, IReadOnlyDictionary<string, CelType> fields, CelType? otherFields = null) =>
        new(CelTypeKind.Record, name) { Fields = fields, OtherFields = otherFields };

    internal bool IsOptional => Kind == CelTypeKind.Opaque && Name == "optional_type";

    internal CelType With(IReadOnlyList<CelType> parameters) => new(Kind, Name, parameters);

    /// <summary>The run-time type of a value, without parameters.</summary>
    public static CelType Of(in CelValue value) => value.Kind switch
    {
        CelKind.Null => Null,
        CelKind.Bool => Bool,
        CelKind.Int => Int,
        CelKind.Uint => Uint,
        CelKind.Double => Double,
        CelKind.String => String,
        CelKind.Bytes => Bytes,
        CelKind.Timestamp => Timestamp,
        CelKind.Duration => Duration,
        CelKind.List => RuntimeList,
        CelKind.Map => RuntimeMap,
        CelKind.Type => RuntimeType,
        CelKind.Optional => RuntimeOptional,
        CelKind.Opaque => value.AsOpaque.Type,
        _ => Dyn,
    };

    /// <summary>Whether a run-time value is of this type, as far as its outermost layer shows.</summary>
    internal bool Admits(in CelValue value) => Kind switch
    {
        CelTypeKind.Dyn or CelTypeKind.Parameter => true,
        CelTypeKind.Null => value.Kind == CelKind.Null,
        CelTypeKind.Bool => value.Kind == CelKind.Bool,
        CelTypeKind.Int => value.Kind == CelKind.Int,
        CelTypeKind.Uint => value.Kind == CelKind.Uint,
        CelTypeKind.Double => value.Kind == CelKind.Double,
        CelTypeKind.String => value.Kind == CelKind.String,
        CelTypeKind.Bytes => value.Kind == CelKind.Bytes,
        CelTypeKind.Timestamp => value.Kind == CelKind.Timestamp,
        CelTypeKind.Duration => value.Kind == CelKind.Duration,
        CelTypeKind.List => value.Kind == CelKind.List,
        CelTypeKind.Map or CelTypeKind.Record => value.Kind == CelKind.Map,
        CelTypeKind.Type => value.Kind == CelKind.Type,
        CelTypeKind.Wrapper => value.Kind == CelKind.Null || Parameters[0].Admits(value),
        _ => IsOptional ? value.Kind == CelKind.Optional : value.Kind == CelKind.Opaque && value.AsOpaque.Type.Name == Name,
    };

    public override string ToString() => Kind switch
    {
        CelTypeKind.Wrapper => $"wrapper({Parameters[0]})",
        _ => Parameters.Count == 0 ? Name : $"{Name}({string.Join(", ", Parameters)})",
    };

    internal static CelType RuntimeList { get; } = new(CelTypeKind.List, "list", [Dyn]);

    internal static CelType RuntimeMap { get; } = new(CelTypeKind.Map, "map", [Dyn, Dyn]);

    internal static CelType RuntimeType { get; } = new(CelTypeKind.Type, "type", [Dyn]);

    internal static CelType RuntimeOptional { get; } = new(CelTypeKind.Opaque, "optional_type", [Dyn]);
}
