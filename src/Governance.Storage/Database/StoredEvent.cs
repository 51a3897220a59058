namespace Governance.Storage.Database;

/// <summary>A row of <c>governance.events</c>: one entry of the governance log. Inserted, never changed.</summary>
internal sealed class StoredEvent
{
    /// <summary>Index in the log, from 0, without gaps.</summary>
    public long Position { get; init; }

    public required string Stream { get; init; }

    /// <summary>Position within the stream, from 1, without gaps.</summary>
    public long Version { get; init; }

    /// <summary>SHA-256 of the request key, on the first event of an append that has one; null elsewhere. Unique: no request is recorded twice.</summary>
    public byte[]? Request { get; init; }

    /// <summary>The leaf: the event's JSON, 1 to 65,535 bytes.</summary>
    public required byte[] Entry { get; init; }

    /// <summary>RFC 6962 root over the entries 0 to this one: every row commits to all rows before it.</summary>
    public required byte[] Root { get; init; }
}

/// <summary>A row of <c>governance.log_keys</c>: a public key that signs checkpoints of this log. Inserted, never changed.</summary>
internal sealed class StoredLogKey
{
    /// <summary><c>name+keyid+base64</c>, as in the file <c>keys</c> of a log folder.</summary>
    public required string Key { get; init; }
}
