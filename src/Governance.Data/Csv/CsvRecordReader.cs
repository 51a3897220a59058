using System.Buffers;
using System.Security.Cryptography;
using System.Text.Unicode;
using Governance.Core;

namespace Governance.Data.Csv;

/// <summary>
/// Splits a stream of bytes into RFC 4180 records without making strings. Memory is bounded by <see cref="CsvLimits.RecordBytes"/>, whatever
/// the file holds; it is hashed on the way. Line breaks are LF or CRLF; a byte order mark is skipped. Not thread-safe.
/// </summary>
internal sealed class CsvRecordReader(Stream source, CsvLimits limits) : IDisposable
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(",\"\r\n"u8);
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FieldRange[] fields = new FieldRange[limits.Columns];
    private byte[] buffer = new byte[256 << 10];
    private byte[] unescaped = [];
    private int start;
    private int end;
    private int recordStart;
    private bool sourceEnded;
    private long nextLine = 1;

    private enum Parse
    {
        Record,
        NeedMore,
        Fault,
    }

    /// <summary>Why reading stopped before the end, or null.</summary>
    public CsvFault? Fault { get; private set; }

    public long BytesRead { get; private set; }

    /// <summary>Line on which the current record begins, 1-based.</summary>
    public long Line { get; private set; }

    /// <summary>Fields of the current record. Those beyond <see cref="CsvLimits.Columns"/> are counted but not kept.</summary>
    public int FieldCount { get; private set; }

    /// <summary>Whether the current record is UTF-8 throughout.</summary>
    public bool IsUtf8 { get; private set; }

    /// <summary>Moves to the next record. False at the end, or when <see cref="Fault"/> is set.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (start < end)
            {
                switch (ParseRecord())
                {
                    case Parse.Record:
                        return true;
                    case Parse.Fault:
                        return false;
                }
            }

            if (sourceEnded || !await FillAsync(cancellationToken))
            {
                return false;
            }
        }
    }

    /// <summary>A field without its quotes. Valid until the next call of this method or of <see cref="ReadAsync"/>.</summary>
    public ReadOnlySpan<byte> Field(int index)
    {
        var range = fields[index];
        var raw = buffer.AsSpan(recordStart + range.Start, range.Length);
        return range.Escaped ? Unescape(raw) : raw;
    }

    /// <summary>SHA-256 of everything read; of the whole file once reading came to its end.</summary>
    public Digest DigestSoFar() => Digest.FromHash(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            if (end > limits.RecordBytes)
            {
                return Stop(CsvFaultKind.Limit, nextLine, $"The record that begins on line {nextLine} has more than {limits.RecordBytes} bytes. Is a quote not closed, or is the file not CSV?");
            }

            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await source.ReadAsync(buffer.AsMemory(end), cancellationToken);
        hash.AppendData(buffer, end, read);
        var first = BytesRead == 0;
        BytesRead += read;
        end += read;
        sourceEnded = read == 0;
        if (first)
        {
            await SkipByteOrderMarkAsync(cancellationToken);
        }

        return BytesRead <= limits.Bytes || Stop(CsvFaultKind.Limit, null, $"The file has more than {limits.Bytes} bytes.");
    }

    private async ValueTask SkipByteOrderMarkAsync(CancellationToken cancellationToken)
    {
        if (end < ByteOrderMark.Length && !sourceEnded)
        {
            var more = await source.ReadAtLeastAsync(buffer.AsMemory(end), ByteOrderMark.Length - end, throwOnEndOfStream: false, cancellationToken);
            hash.AppendData(buffer, end, more);
            BytesRead += more;
            end += more;
        }

        start = buffer.AsSpan(0, end).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
    }

    private Parse ParseRecord()
    {
        var rest = buffer.AsSpan(start, end - start);
        var position = 0;
        FieldCount = 0;
        while (true)
        {
            var field = rest[position..];
            var quoted = !field.IsEmpty && field[0] == '"';
            var parsed = quoted ? QuotedField(field, out var range, out var length) : PlainField(field, out range, out length);
            if (parsed is not Parse.Record)
            {
                return parsed;
            }

            if (FieldCount < fields.Length)
            {
                fields[FieldCount] = range with { Start = position + range.Start };
            }

            FieldCount++;
            position += length;
            if (position < rest.Length && rest[position] == ',')
            {
                position++;
                if (position == rest.Length && !sourceEnded)
                {
                    return Parse.NeedMore;
                }

                continue;
            }

            return EndRecord(rest, position);
        }
    }

    /// <param name="range">The field relative to <paramref name="text"/>, without quotes.</param>
    /// <param name="length">Bytes up to the comma, line break or end that follows.</param>
    private Parse PlainField(ReadOnlySpan<byte> text, out FieldRange range, out int length)
    {
        length = text.IndexOfAny(Special);
        if (length < 0)
        {
            length = text.Length;
            range = new(0, length, Escaped: false);
            return sourceEnded ? Parse.Record : Parse.NeedMore;
        }

        range = new(0, length, Escaped: false);
        return text[length] == '"' ? Quoting("has a quote inside a field that does not begin with one; quote the whole field and double the quotes in it") : Follows(text, length);
    }

    private Parse QuotedField(ReadOnlySpan<byte> text, out FieldRange range, out int length)
    {
        var escaped = false;
        length = 1;
        range = default;
        while (true)
        {
            var quote = text[length..].IndexOf((byte)'"');
            if (quote < 0)
            {
                return sourceEnded ? Quoting("opens a quote that is never closed") : Parse.NeedMore;
            }

            length += quote + 1;
            if (length == text.Length && !sourceEnded)
            {
                return Parse.NeedMore;
            }

            if (length < text.Length && text[length] == '"')
            {
                escaped = true;
                length++;
                continue;
            }

            range = new(1, length - 2, escaped);
            return Follows(text, length);
        }
    }

    /// <summary>Checks that what follows a field is a comma, a line break or the end.</summary>
    private Parse Follows(ReadOnlySpan<byte> text, int at)
    {
        if (at == text.Length || text[at] is (byte)',' or (byte)'\n')
        {
            return Parse.Record;
        }

        if (text[at] != '\r')
        {
            return Quoting("has text after a closing quote; double the quotes inside a quoted field");
        }

        if (at + 1 == text.Length)
        {
            return sourceEnded ? Quoting("has a carriage return without a line feed") : Parse.NeedMore;
        }

        return text[at + 1] == '\n' ? Parse.Record : Quoting("has a carriage return without a line feed");
    }

    private Parse EndRecord(ReadOnlySpan<byte> rest, int position)
    {
        var breakBytes = position == rest.Length ? 0 : rest[position] == '\r' ? 2 : 1;
        var record = rest[..(position + breakBytes)];
        if (record.Length > limits.RecordBytes)
        {
            Stop(CsvFaultKind.Limit, nextLine, $"The record that begins on line {nextLine} has more than {limits.RecordBytes} bytes.");
            return Parse.Fault;
        }

        recordStart = start;
        Line = nextLine;
        IsUtf8 = Utf8.IsValid(record);
        nextLine += record.Count((byte)'\n');
        start += record.Length;
        return Parse.Record;
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        if (unescaped.Length < raw.Length)
        {
            unescaped = new byte[raw.Length];
        }

        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            unescaped[length++] = raw[i];
            i += raw[i] == '"' ? 1 : 0;
        }

        return unescaped.AsSpan(0, length);
    }

    private Parse Quoting(string what)
    {
        Stop(CsvFaultKind.Quoting, nextLine, $"The record that begins on line {nextLine} {what} (RFC 4180).");
        return Parse.Fault;
    }

    private bool Stop(CsvFaultKind kind, long? line, string message)
    {
        Fault = new CsvFault(kind, line, null, message);
        return false;
    }

    private readonly record struct FieldRange(int Start, int Length, bool Escaped);
}
