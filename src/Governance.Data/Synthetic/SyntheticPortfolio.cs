namespace Governance.Data.Synthetic;

/// <summary>A made-up lender's data and what is known about it. Immutable. No row describes a real person.</summary>
public sealed record SyntheticPortfolio
{
    /// <summary>Schema of all three tables.</summary>
    public required DatasetSchema Schema { get; init; }

    /// <summary>Training data as the lender recorded it, with the injected bias in its labels.</summary>
    public required DataTable History { get; init; }

    /// <summary>The same applications after the file review: labels as they truly were.</summary>
    public required DataTable Reviewed { get; init; }

    /// <summary>Later applications with true outcomes.</summary>
    public required DataTable Evaluation { get; init; }

    /// <summary>Protected attribute to reference level.</summary>
    public required IReadOnlyDictionary<string, string> ReferenceGroups { get; init; }

    /// <summary>Score at or above which default is predicted and credit refused.</summary>
    public required double Threshold { get; init; }

    /// <summary>0: no default predicted, credit granted.</summary>
    public required int FavourablePrediction { get; init; }

    /// <summary>The feature that stands in for origin without bearing on default.</summary>
    public required string ProxyFeature { get; init; }

    /// <summary>How the data was made and which bias was put in, for people.</summary>
    public required string Description { get; init; }
}
