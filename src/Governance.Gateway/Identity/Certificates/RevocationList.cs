using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Governance.Gateway.Identity.Certificates;

/// <summary>
/// A certificate revocation list (RFC 5280, section 5): which certificates its issuer took back, and until when that is known. Complete lists of one
/// issuer only; a list with a critical extension, such as a delta or one of some certificates, is not read. Immutable, thread-safe.
/// </summary>
internal sealed class RevocationList
{
    private const string DistributionPoint = "2.5.29.28";
    private readonly HashSet<string> revoked;

    private RevocationList(DateTimeOffset from, DateTimeOffset until, HashSet<string> revoked) => (From, Until, this.revoked) = (from, until, revoked);

    /// <summary>When it was issued.</summary>
    public DateTimeOffset From { get; }

    /// <summary>When the next one is due: from then on this one says nothing.</summary>
    public DateTimeOffset Until { get; }

    public bool IsInForce(DateTimeOffset now) => now >= From && now < Until;

    public bool Holds(X509Certificate2 certificate) => revoked.Contains(Convert.ToHexString(certificate.SerialNumberBytes.Span));

    /// <summary>Reads a list, PEM or DER, and checks that the authority signed it.</summary>
    /// <exception cref="CryptographicException">It is no list of this authority that can be relied on; the message says why.</exception>
    public static RevocationList Read(byte[] file, X509Certificate2 authority)
    {
        try
        {
            var list = new AsnReader(Der(file), AsnEncodingRules.DER).ReadSequence();
            var signed = list.PeekEncodedValue();
            var body = list.ReadSequence();
            var algorithm = list.ReadSequence().ReadObjectIdentifier();
            var signature = list.ReadBitString(out var unused);
            list.ThrowIfNotEmpty();
            if (unused != 0 || !IsSigned(authority, algorithm, signed.Span, signature))
            {
                throw new CryptographicException("it is not signed by the authority");
            }

            return Read(body, authority);
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("it is no certificate revocation list", e);
        }
    }

    private static RevocationList Read(AsnReader body, X509Certificate2 authority)
    {
        if (body.PeekTag() == Asn1Tag.Integer)
        {
            body.ReadInteger();
        }

        body.ReadSequence();
        if (!body.ReadEncodedValue().Span.SequenceEqual(authority.SubjectName.RawData))
        {
            throw new CryptographicException("it is of another issuer");
        }

        var from = Time(body);
        var until = body.HasData && body.PeekTag() != Asn1Tag.Sequence && body.PeekTag().TagClass == TagClass.Universal
            ? Time(body)
            : throw new CryptographicException("it does not say when the next one is due");
        var serials = new HashSet<string>(StringComparer.Ordinal);
        if (body.HasData && body.PeekTag() == Asn1Tag.Sequence)
        {
            for (var entries = body.ReadSequence(); entries.HasData;)
            {
                var entry = entries.ReadSequence();
                serials.Add(Convert.ToHexString(entry.ReadIntegerBytes().Span));
                Time(entry);
                RefuseCritical(entry.HasData ? entry.ReadSequence() : null);
            }
        }

        RefuseCritical(body.HasData ? body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence() : null);
        return new RevocationList(from, until, serials);
    }

    private static void RefuseCritical(AsnReader? extensions)
    {
        while (extensions is { HasData: true })
        {
            var extension = extensions.ReadSequence();
            var id = extension.ReadObjectIdentifier();
            if ((extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean()) || id == DistributionPoint)
            {
                throw new CryptographicException($"it has the extension {id}, so it is not a complete list of this issuer");
            }
        }
    }

    private static DateTimeOffset Time(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static ReadOnlyMemory<byte> Der(byte[] file)
    {
        var text = System.Text.Encoding.ASCII.GetString(file);
        return PemEncoding.TryFind(text, out var found) && text[found.Label] == "X509 CRL" ? Convert.FromBase64String(text[found.Base64Data]) : file;
    }

    private static bool IsSigned(X509Certificate2 authority, string algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        var hash = algorithm switch
        {
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => throw new CryptographicException($"its signature algorithm {algorithm} is not RSA or ECDSA with SHA-2"),
        };
        using var rsa = authority.GetRSAPublicKey();
        using var ec = authority.GetECDsaPublicKey();
        return algorithm.StartsWith("1.2.840.113549", StringComparison.Ordinal)
            ? rsa?.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1) == true
            : ec?.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence) == true;
    }
}
