using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance.Core.Evidence;

/// <summary>
/// in-toto Statement v1 that evidence was computed again and compared. The subject is the envelope of that evidence, named by digest; the type is
/// another than that of evidence, so that neither passes for the other. Immutable.
/// </summary>
public sealed record ReproductionStatement
{
    public const string SubjectName = "evidence";
    public const string ReproductionPredicate = "urn:governance:attestation:reproduction:v1";

    [JsonPropertyName("_type")]
    public string Type { get; init; } = Statement.StatementType;

    public required IReadOnlyList<StatementSubject> Subject { get; init; }

    public string PredicateType { get; init; } = ReproductionPredicate;

    public required ReproductionPredicate Predicate { get; init; }
}

/// <summary>What the second computation gave, and how it compares. Immutable.</summary>
public sealed record ReproductionPredicate
{
    public required string Check { get; init; }

    /// <summary>Digest of the result in the evidence.</summary>
    public required Digest Original { get; init; }

    /// <summary>Digest of the result that was computed again; null when it came to none.</summary>
    public Digest? Reproduced { get; init; }

    public required bool Same { get; init; }

    /// <summary>Largest relative difference of a number that counts as none: what the check declares; 0 where results must be equal to the digest.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Where the results differ, the first of them.</summary>
    public required IReadOnlyList<ResultDifference> Differences { get; init; }

    /// <summary>Of the second computation.</summary>
    public required RunFacts Run { get; init; }

    /// <summary>Of the first.</summary>
    public required RunFacts OriginalRun { get; init; }
}

/// <summary>Makes and opens signed comparisons.</summary>
public static class ReproductionEnvelope
{
    public static byte[] Seal(Digest evidence, ReproductionPredicate predicate, IEvidenceSigner signer) => GovernanceJson.Serialize(Dsse.Sign(
        Statement.PayloadType,
        GovernanceJson.Serialize(new ReproductionStatement { Subject = [StatementSubject.Of(ReproductionStatement.SubjectName, evidence)], Predicate = predicate }),
        signer));

    /// <summary>The comparison when form, signature and subject hold; else null. Never throws on hostile bytes.</summary>
    public static ReproductionPredicate? Open(ReadOnlySpan<byte> envelope, Digest evidence, IEvidenceSigner signer)
    {
        try
        {
            var dsse = GovernanceJson.Deserialize<DsseEnvelope>(envelope);
            if (dsse.PayloadType != Statement.PayloadType || !Dsse.Verify(dsse, signer))
            {
                return null;
            }

            var statement = GovernanceJson.Deserialize<ReproductionStatement>(dsse.PayloadBytes());
            return statement.Type == Statement.StatementType && statement.PredicateType == ReproductionStatement.ReproductionPredicate
                && statement.Subject is [{ Name: ReproductionStatement.SubjectName } subject] && subject.Digest.GetValueOrDefault("sha256") == evidence.Hex
                ? statement.Predicate
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            return null;
        }
    }
}
