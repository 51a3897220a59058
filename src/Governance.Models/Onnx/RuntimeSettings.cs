using Microsoft.ML.OnnxRuntime;

namespace Governance.Models.Onnx;

/// <summary>What a session of ONNX Runtime may do otherwise without computing another model. Immutable.</summary>
/// <param name="Threads">Threads inside one operator: sums of trees are split among them.</param>
/// <param name="Arena">Whether memory comes from the runtime's arena.</param>
internal sealed record RuntimeSettings(GraphOptimizationLevel Optimisation, int Threads, bool Arena)
{
    /// <summary>What models are served with.</summary>
    public static RuntimeSettings Served { get; } = new(GraphOptimizationLevel.ORT_ENABLE_ALL, 1, true);

    public static IReadOnlyList<(string Name, string Words, RuntimeSettings Settings)> Others { get; } =
    [
        ("runtime_unoptimised", "with the graph left unoptimised", Served with { Optimisation = GraphOptimizationLevel.ORT_DISABLE_ALL }),
        ("runtime_basic", "with basic graph optimisation only", Served with { Optimisation = GraphOptimizationLevel.ORT_ENABLE_BASIC }),
        ("runtime_two_threads", "with two threads inside an operator", Served with { Threads = 2 }),
        ("runtime_no_arena", "without the runtime's memory arena", Served with { Arena = false }),
    ];
}
