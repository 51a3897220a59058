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

/// <summary>A dataset as registered: an immutable file by digest, what its columns mean, and why it may be kept. Immutable.</summary>
public sealed record DatasetRegistration
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required DatasetUse Use { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required Digest Digest { get; init; }

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
}

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
