using System.Security.Cryptography;
using Governance.Core;

namespace Governance.Data.Csv;

/// <summary>Passes a stream through, hashing and counting it, and stops at a limit of bytes. Forward reading only; does not own its source.</summary>
internal sealed class MeteredStream(Stream source, long limit) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ReadOnlyMemory<byte> ahead;

    public long BytesRead { get; private set; }

    /// <summary>Bytes the source has from where it was when it was handed over; null when it does not say.</summary>
    public long? Whole { get; } = source.CanSeek ? source.Length - source.Position : null;

    /// <summary>SHA-256 of what was read; of the whole source once it came to its end.</summary>
    public Digest Digest => Digest.FromHash(hash.GetCurrentHash());

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => BytesRead;
        set => throw new NotSupportedException();
    }

    /// <summary>The first bytes, which reads then give again; fewer when the source is shorter.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        var head = new byte[count];
        return ahead = head.AsMemory(0, await source.ReadAtLeastAsync(head, count, throwOnEndOfStream: false, cancellationToken));
    }

    /// <exception cref="RefusedSourceException">The source has more bytes than the limit.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = ahead.IsEmpty ? await source.ReadAsync(buffer, cancellationToken) : Again(buffer.Span);
        Take(buffer.Span[..read]);
        return read;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = ahead.IsEmpty ? source.Read(buffer) : Again(buffer);
        Take(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }

    private int Again(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, ahead.Length);
        ahead.Span[..count].CopyTo(buffer);
        ahead = ahead[count..];
        return count;
    }

    private void Take(ReadOnlySpan<byte> content)
    {
        hash.AppendData(content);
        BytesRead += content.Length;
        if (BytesRead > limit)
        {
            throw new RefusedSourceException(CsvFaultKind.Limit, $"The file has more than {limit} bytes.");
        }
    }
}

internal sealed class RefusedSourceException(CsvFaultKind kind, string message) : Exception(message)
{
    public CsvFaultKind Kind { get; } = kind;
}
