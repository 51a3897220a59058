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

    /// <summary>How the data came to be, where that needs saying.</summary>
    public string? Story { get; init; }

    public required DataTable Evaluation { get; init; }

    /// <summary>Schema of all tables.</summary>
    public required DatasetSchema Schema { get; init; }

    public required IReadOnlyDictionary<string, string> ReferenceGroups { get; init; }

    public required int FavourablePrediction { get; init; }

    /// <summary>In the lender's order.</summary>
    public required IReadOnlyList<LenderModel> Models { get; init; }

    /// <summary>Cut-off the lender uses.</summary>
    public required double Threshold { get; init; }
}

/// <summary>A trained model of a lender. Immutable.</summary>
/// <param name="Path">ONNX file.</param>
/// <param name="Features">Order of its input.</param>
/// <param name="Training">What it was trained on.</param>
/// <param name="ReferenceScores">The training library's score of every evaluation row; empty when there are none.</param>
internal sealed record LenderModel(
    string Name, string Path, IReadOnlyList<string> Features, TrainingData Training, ReadOnlyMemory<double> ReferenceScores);

/// <param name="Name">Identifier word.</param>
internal sealed record TrainingData(string Name, DataTable Table);
