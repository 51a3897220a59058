namespace Governance.Policy.Cel;

/// <summary>What a <see cref="CelValue"/> holds. <see cref="Absent"/> is the default value: no value at all.</summary>
public enum CelKind : byte
{
    Absent = 0,
    Error,
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
    Type,
    Optional,

    /// <summary>A value of an extension type: an IP address, a network.</summary>
    Opaque,
}
