using System.Text.Json.Serialization;

namespace Governance.Core.Evidence;

/// <summary>
/// in-toto Statement v1 (in-toto/attestation) about a model version and the data it was checked on. The subjects are named by digest;
/// the predicate is a check's result and how it was computed. Immutable.
/// </summary>
public sealed record Statement
{
    public const string PayloadType = "application/vnd.in-toto+json";
    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string CheckPredicate = "urn:governance:attestation:check:v1";

    [JsonPropertyName("_type")]
    public string Type { get; init; } = StatementType;

    public required IReadOnlyList<StatementSubject> Subject { get; init; }

    public string PredicateType { get; init; } = CheckPredicate;

    public required CheckPredicate Predicate { get; init; }
}

/// <param name="Name"><c>model</c>, <c>data:evaluation</c> or <c>data:training</c>.</param>
/// <param name="Digest">Algorithm to hexadecimal value, as in-toto wants it: <c>sha256</c>.</param>
public sealed record StatementSubject(string Name, IReadOnlyDictionary<string, string> Digest)
{
    public const string Model = "model";
    public const string EvaluationData = "data:evaluation";
    public const string TrainingData = "data:training";

    public static StatementSubject Of(string name, Digest digest) =>
        new(name, new Dictionary<string, string>(StringComparer.Ordinal) { ["sha256"] = digest.Hex });
}

/// <summary>The result and its provenance. Only <see cref="Result"/> is meant to be reproducible. Immutable.</summary>
public sealed record CheckPredicate
{
    public required CheckResult Result { get; init; }

    public required Digest ResultDigest { get; init; }

    public required RunFacts Run { get; init; }
}

/// <summary>Where and when a check ran. Immutable.</summary>
/// <param name="Code">Version of the check library that computed it.</param>
/// <param name="Engine">Where the shards ran: <c>local</c>, <c>processes</c>, <c>slurm</c>, <c>kubernetes</c>, <c>ray</c>.</param>
/// <param name="Runtime">Model runtime, its version and provider.</param>
public sealed record RunFacts(
    string RunId, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, int Shards, string Code, string Engine, string Runtime, string Platform)
{
    /// <summary>The plan that was carried out.</summary>
    public Digest? Plan { get; init; }

    /// <summary>The GPU that ran the model, with its driver; null for the processor.</summary>
    public string? Device { get; init; }

    /// <summary>True when the result was there from an earlier run and was not computed again.</summary>
    public bool? Cached { get; init; }
}

/// <summary>Evidence whose signature, digests and form were verified. Immutable.</summary>
public sealed record VerifiedEvidence(Digest Envelope, Statement Statement)
{
    public CheckResult Result => Statement.Predicate.Result;

    /// <summary>The hexadecimal SHA-256 of a subject, or null.</summary>
    public string? Subject(string name) => Statement.Subject.FirstOrDefault(s => s.Name == name)?.Digest.GetValueOrDefault("sha256");
}
