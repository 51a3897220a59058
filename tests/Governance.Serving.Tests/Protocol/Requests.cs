using System.Buffers.Binary;
using System.Text;
using Governance.Serving.Protocol;

namespace Governance.Serving.Tests.Protocol;

/// <summary>Requests as bytes, and what the reader makes of them.</summary>
internal static class Requests
{
    public static readonly InferenceShape Shape = new("float_input", ["age", "income"], MaxRows: 3);

    public static InferenceCall Accept(string json, params byte[][] binary)
    {
        var (call, fault) = Read(json, binary);
        Assert.Null(fault);
        return call!;
    }

    public static void Refuse(string json, int status, string code, params byte[][] binary)
    {
        var (call, fault) = Read(json, binary);
        Assert.Null(call);
        Assert.Equal((status, code), (fault!.Status, fault.Code));
    }

    /// <summary>A request with these inputs about as many people as it has rows.</summary>
    public static string With(string inputs, int rows = 1) =>
        $$"""{"parameters":{"subject_ids":[{{string.Join(',', Enumerable.Range(1, rows).Select(i => $"\"S-{i}\""))}}]},"inputs":[{{inputs}}]}""";

    /// <summary>The tensor of all features, in binary form.</summary>
    public static string Binary(string datatype, int size, int rows = 1) =>
        $$$"""{"name":"float_input","shape":[{{{rows}}},2],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{size}}}}}""";

    /// <summary>Two elements of a datatype, little-endian, each from its own representation.</summary>
    public static byte[] Elements(string datatype, double first, double second)
    {
        var bytes = new byte[16];
        int At(double value, int at)
        {
            var to = bytes.AsSpan(at);
            switch (datatype)
            {
                case "BOOL" or "UINT8": to[0] = (byte)value; return 1;
                case "INT8": to[0] = (byte)(sbyte)value; return 1;
                case "UINT16": BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)value); return 2;
                case "INT16": BinaryPrimitives.WriteInt16LittleEndian(to, (short)value); return 2;
                case "FP16": BinaryPrimitives.WriteHalfLittleEndian(to, (Half)value); return 2;
                case "UINT32": BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)value); return 4;
                case "INT32": BinaryPrimitives.WriteInt32LittleEndian(to, (int)value); return 4;
                case "FP32": BinaryPrimitives.WriteSingleLittleEndian(to, (float)value); return 4;
                case "UINT64": BinaryPrimitives.WriteUInt64LittleEndian(to, (ulong)value); return 8;
                case "INT64": BinaryPrimitives.WriteInt64LittleEndian(to, (long)value); return 8;
                default: BinaryPrimitives.WriteDoubleLittleEndian(to, value); return 8;
            }
        }

        var width = At(first, 0);
        return bytes[..(width + At(second, width))];
    }

    private static (InferenceCall? Call, InferenceFault? Fault) Read(string json, byte[][] binary)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        return InferenceRequestReader.Read([.. utf8, .. binary.SelectMany(b => b)], Shape, binary.Length == 0 ? null : utf8.Length);
    }
}
