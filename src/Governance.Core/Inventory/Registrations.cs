namespace Governance.Core.Inventory;

/// <summary>The inventory entry of a model (SS1/23 principle 1, SR 26-2). Immutable.</summary>
public sealed record ModelRegistration
{
    /// <summary>Identifier within the installation (<see cref="Identifier"/>); also the name of its route.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Purpose and permitted use, for people.</summary>
    public required string Use { get; init; }

    public required Tier Tier { get; init; }

    /// <summary>Accountable business owner: the subject of a person's token.</summary>
    public required string Owner { get; init; }

    /// <summary>Subjects of the people who build it; none of them may sign it off.</summary>
    public required IReadOnlyList<string> Developers { get; init; }

    /// <summary>Where it is used: ISO 3166 codes or <c>EU</c>.</summary>
    public required IReadOnlyList<string> Jurisdictions { get; init; }

    public required Automation Automation { get; init; }

    /// <summary>What it decides about; null when not said, and then rules that depend on it fail closed.</summary>
    public ModelDomain? Domain { get; init; }

    /// <summary>Third party that supplies the model; null when it is built in house.</summary>
    public string? Vendor { get; init; }
}

/// <summary>A dataset as registered: immutable files by digest, what their columns mean, and why they may be kept. Immutable.</summary>
public sealed record DatasetRegistration
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required DatasetUse Use { get; init; }

    /// <summary>SHA-256 of the file; of a dataset in parts, of <see cref="ManifestOf">its manifest</see>, which lies in the artefact store.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The files whose rows follow one another, two or more; null for one file.</summary>
    public IReadOnlyList<DatasetPart>? Parts { get; init; }

    /// <summary>What it was made from, and how; null when it was not said.</summary>
    public DatasetOrigin? Origin { get; init; }

    /// <summary>Digest of the levels of all its categories: states computed from single parts stay true only while these stay. Null in older registrations.</summary>
    public Digest? Levels { get; init; }

    /// <summary>SHA-256 of the column schema document; the schema lies beside the file in the artefact store.</summary>
    public required Digest SchemaDigest { get; init; }

    public required long Rows { get; init; }

    /// <summary>Names of the model inputs.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    public required string Label { get; init; }

    /// <summary>Protected attributes, each with its reference group.</summary>
    public required IReadOnlyDictionary<string, string> Protected { get; init; }

    /// <summary>Column that identifies the data subject; null where rows are not about persons.</summary>
    public string? SubjectId { get; init; }

    /// <summary>Legal basis of the processing (GDPR 6): <c>contract</c>, <c>legal_obligation</c>, <c>legitimate_interest</c>, <c>consent</c>.</summary>
    public required string LegalBasis { get; init; }

    public required int RetentionMonths { get; init; }

    /// <summary>The files in order, also of a dataset of one.</summary>
    public IReadOnlyList<DatasetPart> Files() => Parts ?? [new DatasetPart(Digest, Rows)];

    /// <summary>The document whose digest names a dataset in parts: canonical JSON of the parts, in order.</summary>
    public static byte[] ManifestOf(IReadOnlyList<DatasetPart> parts) => GovernanceJson.Serialize(parts);
}

/// <param name="File">SHA-256 of a CSV file.</param>
/// <param name="Rows">Its rows; more than 0 but for a dataset's only file.</param>
public sealed record DatasetPart(Digest File, long Rows);

/// <summary>Where a dataset came from. Immutable.</summary>
/// <param name="Parents">Digests of the registered datasets it was made from, 1 to 100.</param>
/// <param name="Recipe">What was done, with every number it needs: <c>split by seed 7, first part of 0.7</c>; 1 to 2,000 characters.</param>
/// <param name="Code">SHA-256 of the program that did it; null when none is named.</param>
public sealed record DatasetOrigin(IReadOnlyList<Digest> Parents, string Recipe, Digest? Code = null);

/// <summary>A version as submitted: an artefact by digest and how its score becomes a decision. Immutable.</summary>
public sealed record VersionSubmission
{
    /// <summary>1 for the first version of a model, then one more each time.</summary>
    public required int Number { get; init; }

    /// <summary>SHA-256 of the ONNX file.</summary>
    public required Digest Artifact { get; init; }

    /// <summary>What changed, for people.</summary>
    public required string Description { get; init; }

    /// <summary>Input order of the model.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    public required string TrainingDataset { get; init; }

    public required string EvaluationDataset { get; init; }

    /// <summary>Score at or above which label 1 is predicted, in [0, 1].</summary>
    public required double Threshold { get; init; }

    /// <summary>The predicted label (0 or 1) that is good for the person.</summary>
    public required int FavourablePrediction { get; init; }

    /// <summary>Column of the evaluation data with the scores of the training library, for conversion parity; null without.</summary>
    public string? ReferenceScore { get; init; }
}
