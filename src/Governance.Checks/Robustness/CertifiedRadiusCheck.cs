using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Models.Trees;

namespace Governance.Checks.Robustness;

/// <summary>How far must a person's data move before a tree model could change its decision?</summary>
public sealed class CertifiedRadiusCheck : TallyCheck
{
    private const int Radii = 0;
    private const int Exact = 0;
    private const int Bound = 1;

    private static readonly double[] Levels = [0.01, 0.05, 0.1, 0.25, 0.5];
    private static readonly CheckParameter Furthest = new("max_radius", "Largest radius that is looked at, in standard deviations.", 1, 0.01, 100);
    private static readonly CheckParameter Joint = CheckParameter.Whole("max_joint_leaves", "Joint leaves kept per group of trees: more make the bound tighter and slower.", 128, 2, 100_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "robustness.certified_radius",
        Version = "1",
        Family = CheckFamily.Robustness,
        Title = "Certified radius of tree decisions",
        Purpose = "Is there a proof that small changes of the inputs, whatever they are and however they are combined, do not change the decision?",
        Method = "For sampled rows: the radius r such that no change of each movable feature by up to r of its standard deviations alters the decision. The leaves that the box of inputs can reach are merged tree by tree into those that can be reached together; trees with too many "
            + "joint leaves, and all where more than 20,000 leaves are in reach, stay apart and count at their worst each. Where all trees merge the radius is exact, else it is a proven lower bound; the share of exact ones is given. Features declared fixed stay, those declared one-directional move that way only, flags stay. Radii are tried only where a threshold comes into reach.",
        SignsOfHighRisk = "A large share of decisions that are not certified at 0.05 standard deviations, less than the error of measurement of most inputs; certified shares that differ much between outcomes.",
        Strengths = "A proof, not a search that may have missed the worst change; deterministic, no seed.",
        Limits = "Trees only. A bound that is not exact may be much too small. All movable features are taken to move freely and together, which few people could do; correlations are ignored. A decision within 1e-6 of the cut counts as altered.",
        Sources = ["Chen, Zhang, Si, Li, Boning and Hsieh (2019), Robustness verification of tree-based models, NeurIPS (arXiv 1906.03849)", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [Furthest, Joint, SampledRows.Limit with { Default = 100, Minimum = 1 }, CheckParameters.Confidence],
        Measures =
        [
            new("certified_rate", "share of decisions that cannot change within a radius", 0, 1),
            new("median_radius", "radius half of the decisions withstand, in standard deviations", 0),
            new("exact_rate", "share of radii that are exact, not bounds", 0, 1),
            new("min_radius", "smallest radius", 0),
        ],
    };

    protected override bool ReadsFeatureRules => true;

    protected override string? Lacks(CheckInput input) => TreeModels.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var positions = sample.PositionsIn(rows).ToArray();
        if (positions.Length == 0)
        {
            return;
        }

        var trees = TreeModels.Of(context.Input);
        var certificate = new TreeCertificate(trees, Cut(trees, context.Input.Threshold), context.Parameters.Whole(Joint.Name));
        var reaches = Mutability.Reaches(context, sample);
        var values = FeatureRows.Gather(context.Input.Evaluation, trees.Features, Array.ConvertAll(positions, p => sample[p]));
        for (var i = 0; i < positions.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var radius = certificate.Of(values.AsSpan(i * trees.Features.Count, trees.Features.Count), reaches, context.Parameters[Furthest.Name]);
            tally.Map(Radii, 2).Add(radius.Radius, radius.IsExact || radius.Radius >= context.Parameters[Furthest.Name] ? Exact : Bound);
        }
    }

    /// <summary>The margin at which the score reaches the threshold.</summary>
    private static double Cut(TreeEnsemble trees, double threshold) => trees.Link is TreeLink.Identity ? threshold : Math.Log(threshold / (1 - threshold));

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var map = tally.Map(Radii, 2);
        var (rows, limit) = (map.Total(), context.Parameters[Furthest.Name]);
        var figures = new Figures();
        foreach (var level in Levels.Where(l => l <= limit))
        {
            var certified = Enumerable.Range(0, map.Length).Where(i => map.Key(i) >= level).Sum(i => map.Count(i, Exact) + map.Count(i, Bound));
            figures.Add("certified_rate", (double)certified / rows, string.Create(CultureInfo.InvariantCulture, $"radius={level}"), Proportion.ClopperPearson(certified, rows, context.Confidence), rows);
        }

        var median = figures.Add("median_radius", Median(map, rows), count: rows, note: string.Create(CultureInfo.InvariantCulture, $"In standard deviations; radii are looked at up to {limit}."));
        var exact = figures.Add("exact_rate", (double)map.Total(Exact) / rows, count: rows, note: "Share of rows whose radius is exact, or reaches the largest looked at; the others are lower bounds.");
        figures.Add("min_radius", map.Key(0), count: rows);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"Half of the decisions cannot change within {Figures.Text(median.Value)} standard deviations of all movable inputs; {exact.Value:P0} of the radii are exact, the others lower bounds."), figures.All)
        {
            Limitations = [Mutability.Limitation(context, Mutability.Reaches(context, new SampledRows(context))), .. new SampledRows(context).Limitation is { } sampled ? new[] { sampled } : []],
        };
    }

    private static double Median(CountMap map, long rows)
    {
        var seen = 0L;
        for (var i = 0; i < map.Length; i++)
        {
            seen += map.Count(i, Exact) + map.Count(i, Bound);
            if (2 * seen >= rows)
            {
                return map.Key(i);
            }
        }

        return double.NaN;
    }
}
