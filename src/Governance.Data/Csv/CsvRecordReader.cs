using System.Text;
using System.Text.Unicode;
using CsvHelper;
using Governance.Core;

namespace Governance.Data.Csv;

/// <summary>
/// RFC 4180 records of a hostile stream as UTF-8 fields, by CsvHelper in its strict mode. Bounded by <see cref="CsvLimits.Bytes"/> and
/// <see cref="CsvLimits.RecordBytes"/>; a byte order mark is skipped. Not thread-safe.
/// </summary>
internal sealed class CsvRecordReader : IDisposable
{
    private readonly MeteredStream source;
    private readonly CsvReader reader;
    private readonly CsvLimits limits;

    public CsvRecordReader(Stream source, CsvLimits limits)
    {
        this.limits = limits;
        this.source = new MeteredStream(source, limits.Bytes);
        reader = CsvReader.Create(
            this.source,
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

    /// <summary>Why reading stopped before the end, or null.</summary>
    public CsvFault? Fault { get; private set; }

    public long BytesRead => source.BytesRead;

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
