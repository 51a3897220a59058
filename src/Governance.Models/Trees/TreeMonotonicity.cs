using Governance.Models.Structure;

namespace Governance.Models.Trees;

/// <summary>What is proven of the direction of a feature's influence, over every input that has a value of it.</summary>
public enum ProvenDirection
{
    /// <summary>No proof either way: single trees go both ways, or the feature is prepared in a way that has no order.</summary>
    None,

    /// <summary>The answer does not depend on it.</summary>
    Flat,

    /// <summary>The answer never falls as the feature grows.</summary>
    Increasing,

    /// <summary>The answer never rises as the feature grows.</summary>
    Decreasing,
}

/// <summary>
/// Proves monotonicity of tree ensembles by enumeration: two leaves of a tree can be reached from each other by moving one feature alone exactly when
/// their boxes are apart in that feature only, and a tree is monotone in it exactly when all such pairs are in order. A sum of monotone trees is monotone;
/// where single trees are not, the sum may still be, which this does not decide.
/// </summary>
public static class TreeMonotonicity
{
    /// <returns>One finding per input feature.</returns>
    public static ProvenDirection[] Prove(TreeStructure model, CancellationToken cancellationToken)
    {
        var columns = model.Columns.Columns;
        var (rises, falls) = (new bool[columns.Count], new bool[columns.Count]);
        var asked = new bool[columns.Count];
        var unordered = new bool[columns.Count];
        foreach (var root in model.Trees.Roots.Span)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var leaves = new List<Leaf>();
            Collect(model.Trees.Nodes.Span, root, [], leaves, asked, unordered);
            Compare(leaves, rises, falls);
        }

        return [.. Enumerable.Range(0, model.Columns.Features.Count).Select(feature =>
        {
            var own = Enumerable.Range(0, columns.Count).Where(c => columns[c].Source == feature && asked[c]).ToArray();
            if (own.Length == 0)
            {
                return ProvenDirection.Flat;
            }

            // Several columns of one feature move together, so that boxes apart in one of them say nothing of the feature.
            if (own is not [var column] || unordered[column] || !IsOrdered(columns[column], out var turns))
            {
                return ProvenDirection.None;
            }

            var (up, down) = turns ? (falls[column], rises[column]) : (rises[column], falls[column]);
            return (up, down) switch
            {
                (false, false) => ProvenDirection.Flat,
                (true, false) => ProvenDirection.Increasing,
                (false, true) => ProvenDirection.Decreasing,
                _ => ProvenDirection.None,
            };
        })];
    }

    /// <summary>Whether a column grows with its feature, or falls with it.</summary>
    private static bool IsOrdered(DerivedColumn column, out bool turns)
    {
        turns = false;
        foreach (var step in column.Steps)
        {
            var factor = step.Operation switch
            {
                ColumnOperation.Scale => step.B,
                ColumnOperation.Multiply or ColumnOperation.Divide => step.A,
                ColumnOperation.Add or ColumnOperation.Truncate or ColumnOperation.Above => 1,
                // Only NaN is replaced: values keep their order.
                ColumnOperation.Impute when float.IsNaN(step.A) => 1,
                _ => float.NaN,
            };
            if (float.IsNaN(factor) || factor == 0)
            {
                return false;
            }

            turns ^= factor < 0;
        }

        return true;
    }

    /// <summary>Values of one column that reach a leaf: a closed range of float32, and whether NaN does.</summary>
    private readonly record struct Range(int Column, float Lowest, float Highest, bool Missing)
    {
        public bool IsEmpty => !(Lowest <= Highest);
    }

    private sealed record Leaf(Range[] Box, float Weight);

    private static void Collect(ReadOnlySpan<TreeNode> nodes, int at, List<Range> box, List<Leaf> leaves, bool[] asked, bool[] unordered)
    {
        var node = nodes[at];
        if (node.Mode is BranchMode.Leaf)
        {
            if (box.All(r => !r.IsEmpty || r.Missing))
            {
                leaves.Add(new Leaf([.. box], node.Weight));
            }

            return;
        }

        asked[node.Feature] = true;
        unordered[node.Feature] |= node.Mode is BranchMode.Equal or BranchMode.NotEqual;
        var index = box.FindIndex(r => r.Column == node.Feature);
        var before = index < 0 ? new Range(node.Feature, float.NegativeInfinity, float.PositiveInfinity, true) : box[index];
        var missingGoesTrue = TreeEnsemble.GoesTrue(node, float.NaN);
        foreach (var (child, taken) in new[] { (node.True, true), (node.False, false) })
        {
            var after = Cut(before, node, taken) with { Missing = before.Missing && missingGoesTrue == taken };
            if (index < 0)
            {
                box.Add(after);
            }
            else
            {
                box[index] = after;
            }

            Collect(nodes, child, box, leaves, asked, unordered);
            if (index < 0)
            {
                box.RemoveAt(box.Count - 1);
            }
            else
            {
                box[index] = before;
            }
        }
    }

    /// <summary>The part of a range that takes a branch; the whole range where the part is no range, which can only lose a proof.</summary>
    private static Range Cut(Range range, TreeNode node, bool taken)
    {
        var t = node.Threshold;
        return (node.Mode, taken) switch
        {
            (BranchMode.LessOrEqual, true) or (BranchMode.Greater, false) => range with { Highest = Math.Min(range.Highest, t) },
            (BranchMode.Less, true) or (BranchMode.GreaterOrEqual, false) => range with { Highest = Math.Min(range.Highest, MathF.BitDecrement(t)) },
            (BranchMode.LessOrEqual, false) or (BranchMode.Greater, true) => range with { Lowest = Math.Max(range.Lowest, MathF.BitIncrement(t)) },
            (BranchMode.Less, false) or (BranchMode.GreaterOrEqual, true) => range with { Lowest = Math.Max(range.Lowest, t) },
            (BranchMode.Equal, true) or (BranchMode.NotEqual, false) => range with { Lowest = Math.Max(range.Lowest, t), Highest = Math.Min(range.Highest, t) },
            _ => range,
        };
    }

    private static void Compare(List<Leaf> leaves, bool[] rises, bool[] falls)
    {
        for (var i = 0; i < leaves.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (below, above) = (leaves[i], leaves[j]);
                if (below.Weight == above.Weight || ApartIn(below.Box, above.Box) is not { } apart)
                {
                    continue;
                }

                if (apart.Below.Lowest > apart.Above.Highest)
                {
                    (below, above) = (above, below);
                }

                (below.Weight < above.Weight ? rises : falls)[apart.Below.Column] = true;
            }
        }
    }

    /// <summary>The one column in which two boxes share no value, as ranges that both have values; null when there is none or another.</summary>
    private static (Range Below, Range Above)? ApartIn(Range[] a, Range[] b)
    {
        (Range, Range)? apart = null;
        foreach (var first in a)
        {
            foreach (var second in b)
            {
                if (first.Column != second.Column || (first.Missing && second.Missing) || Math.Max(first.Lowest, second.Lowest) <= Math.Min(first.Highest, second.Highest))
                {
                    continue;
                }

                if (apart is not null || first.IsEmpty || second.IsEmpty)
                {
                    return null;
                }

                apart = (first, second);
            }
        }

        return apart;
    }
}
