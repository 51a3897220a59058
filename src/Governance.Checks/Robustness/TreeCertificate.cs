using Governance.Models.Trees;

namespace Governance.Checks.Robustness;

/// <summary>How far a feature of one person may move: up and down, in its own unit per unit of the radius. Immutable.</summary>
public readonly record struct Reach(double Down, double Up);

/// <summary>A radius within which no change of the features alters the decision.</summary>
/// <param name="Radius">In units of the reaches.</param>
/// <param name="IsExact">A larger radius does alter it; else the radius is a proven lower bound.</param>
public readonly record struct CertifiedRadius(double Radius, bool IsExact);

/// <summary>
/// Certified radii of decisions of tree ensembles against changes of all features at once, each within its reach (Chen, Zhang, Si, Li, Boning and Hsieh 2019): leaves that a
/// box of inputs can reach are merged tree by tree into those that can be reached together; trees whose joint leaves would be too many stay apart and count at their best each,
/// which keeps the bound sound. Not thread-safe.
/// </summary>
/// <param name="cut">Margin at or above which label 1 is predicted.</param>
/// <param name="most">Joint leaves kept for a group of trees.</param>
public sealed class TreeCertificate(TreeEnsemble trees, double cut, int most)
{
    /// <summary>Float32 sums in a runtime differ from float64 ones by less than this; a decision this close to the cut counts as altered.</summary>
    private const double Slack = 1e-6;

    /// <summary>Where the box reaches more leaves than this, joint leaves are not looked for.</summary>
    private const int MostReached = 20_000;

    /// <summary>The smallest radius at which the decision may change, at most <paramref name="limit"/>.</summary>
    public CertifiedRadius Of(ReadOnlySpan<float> row, ReadOnlySpan<Reach> reaches, double limit)
    {
        var positive = trees.Margin(row) >= cut;
        var radii = Candidates(row, reaches, limit);
        int low = 0, high = radii.Length;
        var exact = true;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var (bound, whole) = Extreme(row, reaches, radii[middle], positive);
            if (IsSafe(bound, positive))
            {
                low = middle + 1;
            }
            else
            {
                (high, exact) = (middle, whole);
            }
        }

        return low == radii.Length ? new CertifiedRadius(limit, false) : new CertifiedRadius(radii[low], exact);
    }

    private bool IsSafe(double bound, bool positive) => positive ? bound >= cut + Slack : bound < cut - Slack;

    /// <summary>Radii at which some threshold comes into reach, ascending.</summary>
    private double[] Candidates(ReadOnlySpan<float> row, ReadOnlySpan<Reach> reaches, double limit)
    {
        var radii = new SortedSet<double>();
        foreach (var node in trees.Nodes.Span)
        {
            if (node.Mode is not BranchMode.Leaf && float.IsFinite(row[node.Feature]))
            {
                double distance = (double)node.Threshold - row[node.Feature];
                var reach = distance >= 0 ? reaches[node.Feature].Up : reaches[node.Feature].Down;
                if (reach > 0 && Math.Abs(distance) / reach <= limit)
                {
                    radii.Add(Math.Abs(distance) / reach);
                }
            }
        }

        return [.. radii];
    }

    /// <summary>The least margin (most, for a negative decision) that the box allows, and whether it is attained.</summary>
    private (double Bound, bool Exact) Extreme(ReadOnlySpan<float> row, ReadOnlySpan<Reach> reaches, double radius, bool least)
    {
        var box = new Box(row, reaches, radius * (1 + 1e-9));
        var (rough, reached) = (trees.Base, 0);
        foreach (var root in trees.Roots.Span)
        {
            rough += Rough(root, box, least, ref reached);
        }

        if (IsSafe(rough, least) || reached > MostReached)
        {
            return (rough, false);
        }

        var groups = new List<List<Region>>();
        var exact = !box.Loose;
        foreach (var root in trees.Roots.Span)
        {
            var leaves = new List<Region>();
            exact &= Collect(root, Region.Whole, box, leaves);
            if (leaves.Count > 1 || groups.Count == 0)
            {
                groups.Add(leaves);
            }
            else
            {
                groups[0] = [.. groups[0].Select(r => r with { Sum = r.Sum + leaves[0].Sum })];
            }
        }

        for (var merged = true; merged && groups.Count > 1;)
        {
            merged = false;
            var next = new List<List<Region>>();
            for (var i = 0; i < groups.Count; i += 2)
            {
                if (i + 1 < groups.Count && Merge(groups[i], groups[i + 1]) is { } joint)
                {
                    next.Add(joint);
                    merged = true;
                }
                else
                {
                    next.AddRange(groups.Skip(i).Take(2));
                }
            }

            groups = next;
        }

        return (trees.Base + groups.Sum(g => least ? g.Min(r => r.Sum) : g.Max(r => r.Sum)), exact && groups.Count <= 1);
    }

    /// <summary>The least (most) leaf of a tree that the box could reach, if a path constrained nothing: quick, and sound.</summary>
    private double Rough(int at, Box box, bool least, ref int reached)
    {
        ref readonly var node = ref trees.Nodes.Span[at];
        if (node.Mode is BranchMode.Leaf)
        {
            reached++;
            return node.Weight;
        }

        if (box.IsMissing(node.Feature))
        {
            return Rough(TreeEnsemble.GoesTrue(node, float.NaN) ? node.True : node.False, box, least, ref reached);
        }

        var (low, high) = box.Of(node.Feature);
        var (yes, no, _) = Sides(node, low, high);
        if (yes is null || no is null)
        {
            return Rough(yes is null ? node.False : node.True, box, least, ref reached);
        }

        double a = Rough(node.True, box, least, ref reached), b = Rough(node.False, box, least, ref reached);
        return least ? Math.Min(a, b) : Math.Max(a, b);
    }

    /// <summary>Leaves of a tree that the box reaches. False when a region had to be taken larger than it is.</summary>
    private bool Collect(int at, Region region, Box box, List<Region> leaves)
    {
        ref readonly var node = ref trees.Nodes.Span[at];
        if (node.Mode is BranchMode.Leaf)
        {
            leaves.Add(region with { Sum = node.Weight });
            return true;
        }

        if (box.IsMissing(node.Feature))
        {
            return Collect(TreeEnsemble.GoesTrue(node, float.NaN) ? node.True : node.False, region, box, leaves);
        }

        var (low, high) = region.Of(node.Feature) ?? box.Of(node.Feature);
        var (yes, no, exact) = Sides(node, low, high);
        if (yes is { } y)
        {
            exact &= Collect(node.True, region.With(node.Feature, y.Low, y.High), box, leaves);
        }

        if (no is { } n)
        {
            exact &= Collect(node.False, region.With(node.Feature, n.Low, n.High), box, leaves);
        }

        return exact;
    }

    private static ((float Low, float High)? Yes, (float Low, float High)? No, bool Exact) Sides(in TreeNode node, float low, float high)
    {
        var t = node.Threshold;
        (float, float)? Below(float top) => low <= top ? (low, Math.Min(high, top)) : null;
        (float, float)? Above(float bottom) => high >= bottom ? (Math.Max(low, bottom), high) : null;
        (float, float)? point = low <= t && t <= high ? (t, t) : null;
        (float, float)? rest = low == high && low == t ? null : (low, high);
        return node.Mode switch
        {
            BranchMode.LessOrEqual => (Below(t), Above(MathF.BitIncrement(t)), true),
            BranchMode.Less => (Below(MathF.BitDecrement(t)), Above(t), true),
            BranchMode.Greater => (Above(MathF.BitIncrement(t)), Below(t), true),
            BranchMode.GreaterOrEqual => (Above(t), Below(MathF.BitDecrement(t)), true),
            BranchMode.Equal => (point, rest, point is null || low == high),
            _ => (rest, point, point is null || low == high),
        };
    }

    /// <summary>Leaves of both groups that share inputs; null when there would be too many.</summary>
    private List<Region>? Merge(List<Region> first, List<Region> second)
    {
        if ((long)first.Count * second.Count > 64L * most)
        {
            return null;
        }

        var joint = new List<Region>();
        foreach (var a in first)
        {
            foreach (var b in second)
            {
                if (a.And(b) is { } both)
                {
                    joint.Add(both);
                    if (joint.Count > most)
                    {
                        return null;
                    }
                }
            }
        }

        return joint;
    }

    /// <summary>Intervals of the features that a path constrains, by feature, and the sum of leaves. Immutable.</summary>
    private sealed record Region((int Feature, float Low, float High)[] Sides, double Sum)
    {
        public static readonly Region Whole = new([], 0);

        public (float Low, float High)? Of(int feature)
        {
            foreach (var side in Sides)
            {
                if (side.Feature == feature)
                {
                    return (side.Low, side.High);
                }
            }

            return null;
        }

        public Region With(int feature, float low, float high) =>
            this with { Sides = [.. Sides.TakeWhile(s => s.Feature < feature), (feature, low, high), .. Sides.SkipWhile(s => s.Feature <= feature)] };

        public Region? And(Region other)
        {
            var sides = new (int, float, float)[Sides.Length + other.Sides.Length];
            int i = 0, j = 0, n = 0;
            while (i < Sides.Length || j < other.Sides.Length)
            {
                var mine = i < Sides.Length ? Sides[i].Feature : int.MaxValue;
                var theirs = j < other.Sides.Length ? other.Sides[j].Feature : int.MaxValue;
                if (mine != theirs)
                {
                    sides[n++] = mine < theirs ? Sides[i++] : other.Sides[j++];
                    continue;
                }

                float low = Math.Max(Sides[i].Low, other.Sides[j].Low), high = Math.Min(Sides[i++].High, other.Sides[j++].High);
                if (low > high)
                {
                    return null;
                }

                sides[n++] = (mine, low, high);
            }

            return new Region(sides[..n], Sum + other.Sum);
        }
    }

    /// <summary>What the features may be.</summary>
    private sealed class Box
    {
        private readonly float[] low;
        private readonly float[] high;

        public Box(ReadOnlySpan<float> row, ReadOnlySpan<Reach> reaches, double radius)
        {
            (low, high) = (row.ToArray(), row.ToArray());
            for (var f = 0; f < low.Length; f++)
            {
                // Rounded outwards by one float32: the box may be a hair too large, never too small.
                low[f] = reaches[f].Down > 0 ? MathF.BitDecrement((float)(row[f] - (radius * reaches[f].Down))) : row[f];
                high[f] = reaches[f].Up > 0 ? MathF.BitIncrement((float)(row[f] + (radius * reaches[f].Up))) : row[f];
            }
        }

        /// <summary>Infinite values have no box.</summary>
        public bool Loose => low.Any(float.IsInfinity);

        public bool IsMissing(int feature) => float.IsNaN(low[feature]);

        public (float Low, float High) Of(int feature) => (low[feature], high[feature]);
    }
}
