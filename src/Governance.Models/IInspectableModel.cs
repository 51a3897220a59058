using Governance.Models.Onnx;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models;

/// <summary>A scorer that shows what is inside it and what its file says of itself. Implementations are thread-safe.</summary>
public interface IInspectableModel : IReadableScorer
{
    /// <summary>The model as an exact tree ensemble, or why it is none. Its features are <see cref="IScorer.Features"/>.</summary>
    TreeReading Trees => TreeEnsembleReader.Of(Reading);

    /// <summary>What the model file says of itself; null for a model that did not come from a file.</summary>
    OnnxFacts? Facts { get; }
}
