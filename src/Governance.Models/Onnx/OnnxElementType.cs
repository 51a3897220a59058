namespace Governance.Models.Onnx;

/// <summary>Tensor element types of the ONNX format: number, word and size.</summary>
internal static class OnnxElementType
{
    public const int Float = 1;
    public const int Int64 = 7;
    public const string FloatName = "float";

    /// <summary>Index is the number in the format; bytes 0 means not of fixed whole size.</summary>
    private static readonly (string Name, int Bytes)[] Known =
    [
        ("undefined", 0), (FloatName, 4), ("uint8", 1), ("int8", 1), ("uint16", 2), ("int16", 2), ("int32", 4), ("int64", 8), ("string", 0),
        ("bool", 1), ("float16", 2), ("double", 8), ("uint32", 4), ("uint64", 8), ("complex64", 8), ("complex128", 16), ("bfloat16", 2),
    ];

    public static string Name(int type) => type >= 0 && type < Known.Length ? Known[type].Name : "unknown";

    public static int Bytes(int type) => type >= 0 && type < Known.Length ? Known[type].Bytes : 0;
}
