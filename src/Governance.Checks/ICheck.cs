using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>Rows <c>[Start, Start + Count)</c> of the evaluation data: what one shard reads.</summary>
public readonly record struct RowRange(int Start, int Count);

/// <summary>
/// A check: a map over row ranges and a reduce over their states. Both are pure functions: no clock, no randomness but the seed in the
/// input, no I/O. Any split of the rows, in any order, reduces to the same result, byte for byte. Implementations are stateless.
/// </summary>
public interface ICheck
{
    /// <summary>Purpose, method, limits, parameters: what reports, forms and <c>gov checks</c> show.</summary>
    CheckDescriptor Descriptor { get; }

    /// <summary>Why the check cannot run on this input ("no reference scores"), or null when it can.</summary>
    string? WhyNotApplicable(CheckInput input);

    /// <summary>The state of one shard, serialised; merges with others of the same input only.</summary>
    ReadOnlyMemory<byte> Map(CheckInput input, RowRange rows, CancellationToken cancellationToken);

    /// <summary>The result from the states of a partition of all rows, given in any order.</summary>
    CheckResult Reduce(CheckInput input, IReadOnlyList<ReadOnlyMemory<byte>> states, CancellationToken cancellationToken);
}
