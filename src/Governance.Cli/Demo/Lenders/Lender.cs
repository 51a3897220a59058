using Governance.Data;

namespace Governance.Cli.Demo.Lenders;

/// <summary>A lender's data and models, as the tour registers them. Immutable.</summary>
internal sealed record Lender
{
    /// <summary>Identifier word: part of the ids of the tour's model and datasets.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What the model is for.</summary>
    public required string Use { get; init; }

    public required DataTable Training { get; init; }

    public required DataTable Evaluation { get; init; }

    /// <summary>Schema of both tables.</summary>
    public required DatasetSchema Schema { get; init; }

    public required IReadOnlyDictionary<string, string> ReferenceGroups { get; init; }

    public required int FavourablePrediction { get; init; }

    public required IReadOnlyList<LenderModel> Models { get; init; }

    /// <summary>Cut-off the lender uses.</summary>
    public required double Threshold { get; init; }
}

/// <summary>A trained model of a lender. Immutable.</summary>
/// <param name="Path">ONNX file.</param>
/// <param name="ReferenceScores">The training library's score of every evaluation row; empty when there are none.</param>
internal sealed record LenderModel(string Name, string Path, ReadOnlyMemory<double> ReferenceScores);
