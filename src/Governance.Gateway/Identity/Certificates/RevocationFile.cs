using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Governance.Gateway.Identity.Certificates;

/// <summary>
/// The authority's revocation list in a file that somebody replaces: looked at once a second, read again when it changed. What cannot be relied on is
/// no list, and without one in force no certificate of the authority is accepted. Thread-safe.
/// </summary>
internal sealed partial class RevocationFile(string path, X509Certificate2 authority)
{
    private const int LongestFile = 64 << 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private ILogger log = NullLogger.Instance;
    private DateTime stamp;
    private long looked = long.MinValue;
    private RevocationList? list;

    public ILogger Log
    {
        set => log = value;
    }

    /// <summary>Whether the list is in force and does not hold the certificate.</summary>
    public bool Allows(X509Certificate2 certificate, DateTimeOffset now) => Current() is { } current && current.IsInForce(now) && !current.Holds(certificate);

    /// <summary>Why the list cannot be relied on now; null when it can.</summary>
    public string? Fault(DateTimeOffset now) => Current() is not { } current
        ? $"'{path}' is no revocation list of the authority that can be read."
        : current.IsInForce(now) ? null : $"'{path}' is in force from {current.From:u} to {current.Until:u}; the clock says {now:u}.";

    private RevocationList? Current()
    {
        lock (gate)
        {
            var tick = Environment.TickCount64;
            if (looked != long.MinValue && tick - looked < LookEvery.TotalMilliseconds)
            {
                return list;
            }

            looked = tick;
            try
            {
                var file = new FileInfo(path);
                if (file.LastWriteTimeUtc != stamp || !file.Exists)
                {
                    (stamp, list) = (file.LastWriteTimeUtc, null);
                    list = file.Length <= LongestFile ? RevocationList.Read(File.ReadAllBytes(path), authority) : throw new CryptographicException("it is larger than 64 MiB");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
            {
                Unusable(path, e.Message);
            }

            return list;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The revocation list {File} cannot be relied on, so no certificate of its authority is accepted: {Reason}")]
    private partial void Unusable(string file, string reason);
}
