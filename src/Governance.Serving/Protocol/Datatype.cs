using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>The tensor datatypes of the Open Inference Protocol v2.</summary>
internal enum Datatype
{
    Unknown,
    Bool,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Fp32,
    Fp64,
    Bytes,
}

/// <summary>What a datatype is called, how wide it is, and which numbers it holds.</summary>
internal static class Datatypes
{
    public static Datatype Of(in Utf8JsonReader name) =>
        name.TokenType != JsonTokenType.String ? Datatype.Unknown
        : name.ValueTextEquals("FP32"u8) ? Datatype.Fp32
        : name.ValueTextEquals("FP64"u8) ? Datatype.Fp64
        : name.ValueTextEquals("INT64"u8) ? Datatype.Int64
        : name.ValueTextEquals("INT32"u8) ? Datatype.Int32
        : name.ValueTextEquals("BOOL"u8) ? Datatype.Bool
        : name.ValueTextEquals("UINT8"u8) ? Datatype.Uint8
        : name.ValueTextEquals("UINT16"u8) ? Datatype.Uint16
        : name.ValueTextEquals("UINT32"u8) ? Datatype.Uint32
        : name.ValueTextEquals("UINT64"u8) ? Datatype.Uint64
        : name.ValueTextEquals("INT8"u8) ? Datatype.Int8
        : name.ValueTextEquals("INT16"u8) ? Datatype.Int16
        : name.ValueTextEquals("FP16"u8) ? Datatype.Fp16
        : name.ValueTextEquals("BYTES"u8) ? Datatype.Bytes
        : Datatype.Unknown;

    /// <summary>Bytes of one element in binary form; 0 where elements have no fixed width.</summary>
    public static int Width(this Datatype type) => type switch
    {
        Datatype.Bool or Datatype.Uint8 or Datatype.Int8 => 1,
        Datatype.Uint16 or Datatype.Int16 or Datatype.Fp16 => 2,
        Datatype.Uint32 or Datatype.Int32 or Datatype.Fp32 => 4,
        Datatype.Uint64 or Datatype.Int64 or Datatype.Fp64 => 8,
        _ => 0,
    };

    /// <summary>The least and the greatest integer the datatype holds, to the precision of a double; null where it holds fractions.</summary>
    public static (double Least, double Greatest)? Integers(this Datatype type) => type switch
    {
        Datatype.Uint8 => (byte.MinValue, byte.MaxValue),
        Datatype.Uint16 => (ushort.MinValue, ushort.MaxValue),
        Datatype.Uint32 => (uint.MinValue, uint.MaxValue),
        Datatype.Uint64 => (ulong.MinValue, ulong.MaxValue),
        Datatype.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        Datatype.Int16 => (short.MinValue, short.MaxValue),
        Datatype.Int32 => (int.MinValue, int.MaxValue),
        Datatype.Int64 => (long.MinValue, long.MaxValue),
        _ => null,
    };
}
