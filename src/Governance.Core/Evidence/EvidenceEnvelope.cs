using System.Text.Json;

namespace Governance.Core.Evidence;

/// <summary>Makes and opens signed evidence: a <see cref="Statement"/> in a <see cref="DsseEnvelope"/>.</summary>
public static class EvidenceEnvelope
{
    public static byte[] Seal(Statement statement, IEvidenceSigner signer) =>
        GovernanceJson.Serialize(Dsse.Sign(Statement.PayloadType, GovernanceJson.Serialize(statement), signer));

    /// <summary>
    /// The evidence when everything about it holds: form, signature, and that the result's digest is the digest of the result; else null.
    /// Never throws on hostile bytes.
    /// </summary>
    public static VerifiedEvidence? Open(ReadOnlySpan<byte> envelope, IEvidenceSigner signer)
    {
        try
        {
            var dsse = GovernanceJson.Deserialize<DsseEnvelope>(envelope);
            return Dsse.Verify(dsse, signer) && Read(dsse) is { } statement ? new VerifiedEvidence(Digest.Of(envelope), statement) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="Open"/>, for a caller who knows the envelope by a digest it trusts and has no key: the signature is not looked at.</summary>
    public static Statement? Read(ReadOnlySpan<byte> envelope)
    {
        try
        {
            return Read(GovernanceJson.Deserialize<DsseEnvelope>(envelope));
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            return null;
        }
    }

    private static Statement? Read(DsseEnvelope dsse)
    {
        if (dsse.PayloadType != Statement.PayloadType)
        {
            return null;
        }

        var statement = GovernanceJson.Deserialize<Statement>(dsse.PayloadBytes());
        return statement.Type == Statement.StatementType
            && statement.PredicateType == Statement.CheckPredicate
            && statement.Predicate.Result.ComputeDigest() == statement.Predicate.ResultDigest ? statement : null;
    }
}
