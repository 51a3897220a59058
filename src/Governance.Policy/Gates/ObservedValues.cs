using System.Collections;
using Governance.Core.Gates;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>
/// What a rule read, rendered as JSON when somebody looks: many decisions are only asked whether they allow. The values are immutable, so when does not matter.
/// Thread-safe.
/// </summary>
internal sealed class ObservedValues(CelObservation[] observations) : IReadOnlyList<ObservedValue>
{
    private ObservedValue[]? rendered;

    public int Count => observations.Length;

    public ObservedValue this[int index] => Rendered[index];

    private ObservedValue[] Rendered => rendered ??= Array.ConvertAll(observations, o => new ObservedValue(o.Expression, CelJson.Node(o.Value)));

    public IEnumerator<ObservedValue> GetEnumerator() => ((IEnumerable<ObservedValue>)Rendered).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
