using System.Buffers.Text;

namespace Governance.Policy.Cel;

/// <summary>Base64 (RFC 4648). Decoding takes padded and unpadded text.</summary>
internal static class EncoderFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Global("base64.encode", CelType.String, CelType.Bytes, (in CelValue v) => CelValue.Of(Convert.ToBase64String(v.AsBytes)));
        table.Global("base64.decode", CelType.Bytes, CelType.String, (in CelValue v) => Decode(v.AsString));
    }

    private static CelValue Decode(string text)
    {
        var padded = text.Length % 4 == 0 || text.EndsWith('=') ? text : text.PadRight(text.Length + 4 - (text.Length % 4), '=');
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length) + 3];
        return !padded.AsSpan().ContainsAny(" \t\r\n") && Convert.TryFromBase64String(padded, bytes, out var written)
            ? CelValue.Of(bytes[..written])
            : CelValue.Error(CelErrorCode.InvalidArgument, "the text is no base64");
    }
}
