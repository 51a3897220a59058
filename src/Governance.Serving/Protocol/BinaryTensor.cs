using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Governance.Serving.Protocol;

/// <summary>Values of the extension <c>binary_tensor_data</c>: little-endian, without gaps, row-major; BYTES elements after a length of four bytes.</summary>
internal static class BinaryTensor
{
    /// <summary>Reads as many values as <paramref name="values"/> holds.</summary>
    /// <param name="bytes">Exactly that many elements of the datatype.</param>
    /// <returns>False when one of them is NaN, infinite, outside FP32, or no truth value.</returns>
    public static bool TryRead(Datatype type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case Datatype.Fp32 when BitConverter.IsLittleEndian:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case Datatype.Bool when bytes.ContainsAnyExceptInRange((byte)0, (byte)1):
                return false;
            default:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = Element(type, bytes, i);
                }

                break;
        }

        return AreFinite(values);
    }

    /// <summary>Bytes of FP64 values.</summary>
    public static void Write(ReadOnlySpan<double> values, Span<byte> destination)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(destination[(sizeof(double) * i)..], values[i]);
        }
    }

    private static float Element(Datatype type, ReadOnlySpan<byte> bytes, int index) => type switch
    {
        Datatype.Bool or Datatype.Uint8 => bytes[index],
        Datatype.Int8 => (sbyte)bytes[index],
        Datatype.Uint16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * index)..]),
        Datatype.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * index)..]),
        Datatype.Fp16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * index)..]),
        Datatype.Uint32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * index)..]),
        Datatype.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * index)..]),
        Datatype.Fp32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * index)..]),
        Datatype.Uint64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * index)..]),
        Datatype.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * index)..]),
        Datatype.Fp64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * index)..]),
        _ => float.NaN,
    };

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            // A value minus itself is zero, unless it is not finite.
            var block = new Vector<float>(values[i..]);
            if (!Vector.EqualsAll(block - block, Vector<float>.Zero))
            {
                return false;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return false;
            }
        }

        return true;
    }
}
