using System.Text;
using System.Text.Unicode;
using CsvHelper;
using Governance.Core;

namespace Governance.Data.Csv;

/// <summary>
/// RFC 4180 records of a hostile stream as UTF-8 fields, by CsvHelper in its strict mode; other encodings are translated on the way (<see cref="TextEncodings"/>). Bounded by <see cref="CsvLimits.Bytes"/> and
/// <see cref="CsvLimits.RecordBytes"/>; a byte order mark is skipped. Not thread-safe.
/// </summary>
internal sealed class CsvRecordReader : IDisposable
{
    private readonly MeteredStream source;
    private readonly CsvReader reader;
    private readonly CsvLimits limits;

    private CsvRecordReader(MeteredStream source, Stream text, CsvLimits limits)
    {
        this.limits = limits;
        this.source = source;
        reader = CsvReader.Create(
            text,
            new CsvReaderOptions
            {
                Separator = ',',
                HasHeader = false,
                SkipEmptyLines = false,
                OnMalformedRecord = Refuse,
                FieldCountMismatch = CsvFieldCountHandling.Allow,
                MaxRecordSize = limits.RecordBytes,
                TrackLineNumbers = true,
                IncludeValuesInExceptions = false,
                Encoding = Encoding.UTF8,
            },
            leaveOpen: true);
    }

    /// <summary>Opens a stream by its byte order mark, else by what is declared. A contradiction of the two is its <see cref="Fault"/>.</summary>
    /// <param name="source">Read from its beginning; not disposed.</param>
    public static async ValueTask<CsvRecordReader> OpenAsync(Stream source, TextEncoding declared, CsvLimits limits, CancellationToken cancellationToken)
    {
        var metered = new MeteredStream(source, limits.Bytes);
        var head = await metered.PeekAsync(TextEncodings.LongestMark, cancellationToken);
        try
        {
            var encoding = TextEncodings.Of(declared, head.Span);
            return new CsvRecordReader(metered, encoding is null ? metered : Encoding.CreateTranscodingStream(metered, encoding, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), leaveOpen: true), limits);
        }
        catch (RefusedSourceException refusal)
        {
            return new CsvRecordReader(metered, Stream.Null, limits) { Fault = new CsvFault(refusal.Kind, null, null, refusal.Message) };
        }
    }

    /// <summary>Why reading stopped before the end, or null.</summary>
    public CsvFault? Fault { get; private set; }

    public long BytesRead => source.BytesRead;

    /// <summary>Bytes of the whole source; null when it does not say.</summary>
    public long? Length => source.Whole;

    /// <summary>SHA-256 of everything read; of the whole file once reading came to its end.</summary>
    public Digest DigestSoFar => source.Digest;

    /// <summary>Line on which the current record begins, 1-based.</summary>
    public long Line => reader.LineNumber;

    public int FieldCount => reader.FieldCount;

    /// <summary>Whether the current record is UTF-8 throughout.</summary>
    public bool IsUtf8 => Utf8.IsValid(reader.RawRecord);

    /// <summary>Moves to the next record. False at the end, or when <see cref="Fault"/> is set.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken) && Fault is null;
        }
        catch (RefusedSourceException refusal)
        {
            Fault ??= new CsvFault(refusal.Kind, null, null, refusal.Message);
        }
        catch (EncoderFallbackException)
        {
            Fault ??= Untranslatable();
        }
        catch (DecoderFallbackException)
        {
            Fault ??= Untranslatable();
        }
        catch (CsvFormatException tooLong)
        {
            Fault ??= new CsvFault(
                CsvFaultKind.Limit,
                tooLong.LineNumber,
                null,
                $"The record that begins on line {tooLong.LineNumber} has more than {limits.RecordBytes} bytes. Is a quote not closed, or is the file not CSV?");
        }

        return false;
    }

    /// <summary>A field without its quotes. Valid until the next read.</summary>
    public ReadOnlySpan<byte> Field(int index) => reader.GetSpan(index);

    public void Dispose()
    {
        reader.Dispose();
        source.Dispose();
    }

    private CsvFault Untranslatable() => new(
        CsvFaultKind.Encoding, null, null, $"The file begins as UTF-16 but is not UTF-16 after line {reader.LineNumber}. Save it as UTF-8.");

    private void Refuse(CsvMalformedRecord record)
    {
        var what = record.Reason switch
        {
            CsvMalformedReason.StrayQuote => "has a quote inside a field that does not begin with one; quote the whole field and double the quotes in it",
            CsvMalformedReason.TextAfterClosingQuote => "has text after a closing quote; double the quotes inside a quoted field",
            CsvMalformedReason.UnterminatedQuote => "opens a quote that is never closed",
            _ => "is malformed",
        };
        Fault ??= new CsvFault(CsvFaultKind.Quoting, record.LineNumber, null, $"The record that begins on line {record.LineNumber} {what} (RFC 4180).");
    }
}
