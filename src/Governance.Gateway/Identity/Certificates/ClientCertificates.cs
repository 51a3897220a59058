using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Governance.Core.Identity;
using Governance.Gateway.Hosting;

namespace Governance.Gateway.Identity.Certificates;

/// <summary>
/// Applications known by a client certificate instead of a token (mutual TLS): section <c>Identity:Certificates</c>. An application is
/// configured by the SHA-256 thumbprint of its certificate, or by the exact subject of one that the configured authority issued. It is a
/// caller with the role client and no other. With the authority's revocation list in <c>RevocationList</c>, none of its certificates is accepted that is
/// on it, and none at all without a list in force. Immutable but for that file, thread-safe.
/// </summary>
public sealed class ClientCertificates : IDisposable
{
    private const string Section = "Identity:Certificates";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly Dictionary<string, string> byThumbprint = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> bySubject = new(StringComparer.Ordinal);
    private readonly X509Certificate2? authority;
    private readonly RevocationFile? revocation;

    /// <exception cref="StartupRefusedException">With every fault found.</exception>
    public ClientCertificates(IConfiguration configuration, TimeProvider time)
    {
        var section = configuration.GetSection(Section);
        var faults = new List<string>();
        if (section["Authority"] is { Length: > 0 } file)
        {
            authority = Load(file, faults);
        }

        if (section["RevocationList"] is { Length: > 0 } list)
        {
            revocation = authority is null ? null : new RevocationFile(list, authority);
            faults.AddRange(revocation is null
                ? [$"{Section}:RevocationList needs {Section}:Authority, whose list it is."]
                : revocation.Fault(time.GetUtcNow()) is { } fault ? [$"{Section}:RevocationList: {fault}"] : []);
        }

        foreach (var client in section.GetSection("Clients").GetChildren())
        {
            var (thumbprint, subject) = (client["Thumbprint"]?.ToUpperInvariant(), client["Subject"]);
            var added = thumbprint is { Length: 64 } && thumbprint.All(char.IsAsciiHexDigit) && subject is null ? byThumbprint.TryAdd(thumbprint, client.Key)
                : thumbprint is null && subject is { Length: > 0 } && authority is not null && bySubject.TryAdd(subject, client.Key);
            if (!added)
            {
                faults.Add($"{client.Path}: give either Thumbprint, the SHA-256 of the certificate in 64 hexadecimal digits, or Subject with {Section}:Authority; each once.");
            }
        }

        if (faults.Count > 0)
        {
            authority?.Dispose();
            throw new StartupRefusedException(string.Join(Environment.NewLine, faults));
        }
    }

    /// <summary>Whether any application is known by a certificate.</summary>
    public bool Any => byThumbprint.Count + bySubject.Count > 0;

    /// <summary>Where is said that the revocation list cannot be relied on any more.</summary>
    public ILogger Log
    {
        set
        {
            if (revocation is not null)
            {
                revocation.Log = value;
            }
        }
    }

    /// <summary>The application a certificate stands for; null when it is unknown, out of its time, taken back, or not for authenticating clients.</summary>
    public Caller? Find(X509Certificate2 certificate, DateTimeOffset now)
    {
        var end = new DateTimeOffset(certificate.NotAfter);
        if (now < new DateTimeOffset(certificate.NotBefore) || now >= end || !IsForClients(certificate) || IsTakenBack(certificate, now))
        {
            return null;
        }

        var thumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        return byThumbprint.TryGetValue(thumbprint, out var name) || (bySubject.TryGetValue(certificate.Subject, out name) && IsIssued(certificate, now))
            ? new Caller
            {
                Subject = name,
                Name = name,
                Kind = CallerKind.Application,
                Roles = RoleSet.Of(Role.Client),
                TokenId = "cert:" + thumbprint[..16],
                ExpiresAt = end,
            }
            : null;
    }

    public void Dispose() => authority?.Dispose();

    private static X509Certificate2? Load(string file, List<string> faults)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            faults.Add($"{Section}:Authority: '{file}' is no certificate that can be read.");
            return null;
        }
    }

    private static bool IsForClients(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().All(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(u => u.Value == ClientAuthentication));

    /// <summary>Also a pinned certificate, when the authority issued it.</summary>
    private bool IsTakenBack(X509Certificate2 certificate, DateTimeOffset now) =>
        revocation is not null && certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority!.SubjectName.RawData) && !revocation.Allows(certificate, now);

    private bool IsIssued(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
    }
}
