using System.Text;

namespace Governance.Data.Csv;

/// <summary>How the bytes of a CSV file stand for text. A byte order mark is read whatever is declared: UTF-8 and UTF-16 need no declaration.</summary>
public enum TextEncoding
{
    /// <summary>UTF-8, with or without a byte order mark.</summary>
    Utf8,

    /// <summary>Windows-1252, the Western European code page.</summary>
    Windows1252,

    /// <summary>ISO 8859-1: one byte, one code point.</summary>
    Latin1,
}

/// <summary>From what is declared and what the file begins with to the encoding it is read by.</summary>
internal static class TextEncodings
{
    /// <summary>Bytes a byte order mark has at most.</summary>
    public const int LongestMark = 3;

    /// <summary>The encoding to translate from; null when the bytes are UTF-8 already.</summary>
    /// <param name="head">The first bytes of the file.</param>
    /// <exception cref="RefusedSourceException">The mark contradicts what is declared.</exception>
    public static Encoding? Of(TextEncoding declared, ReadOnlySpan<byte> head)
    {
        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return declared is TextEncoding.Utf8
                ? new UnicodeEncoding(bigEndian: head[0] == 0xFE, byteOrderMark: true, throwOnInvalidBytes: true)
                : throw new RefusedSourceException(CsvFaultKind.Encoding, $"The file begins as UTF-16; the schema declares {Word(declared)}. Leave the encoding out of the schema.");
        }

        if (declared is not TextEncoding.Utf8 && head is [0xEF, 0xBB, 0xBF, ..])
        {
            throw new RefusedSourceException(CsvFaultKind.Encoding, $"The file begins as UTF-8; the schema declares {Word(declared)}. Leave the encoding out of the schema.");
        }

        return declared switch
        {
            TextEncoding.Windows1252 => CodePagesEncodingProvider.Instance.GetEncoding(1252),
            TextEncoding.Latin1 => Encoding.Latin1,
            _ => null,
        };
    }

    private static string Word(TextEncoding encoding) => encoding is TextEncoding.Windows1252 ? "windows1252" : "latin1";
}
