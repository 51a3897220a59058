using Governance.Models.Onnx;
using Governance.Models.Trees;

namespace Governance.Models;

/// <summary>A scorer that shows what is inside it, for checks that look beyond scores. Implementations are thread-safe.</summary>
public interface IInspectableModel : IScorer
{
    /// <summary>The model as an exact tree ensemble, or why it is none. Its features are <see cref="IScorer.Features"/>.</summary>
    TreeReading Trees { get; }

    /// <summary>What the model file says of itself; null for a model that did not come from a file.</summary>
    OnnxFacts? Facts { get; }
}
