using Governance.Data;

namespace Governance.Checks.Robustness;

/// <summary>Which features of a person may move, and by how much a unit of change is, for the checks that search for harmful changes.</summary>
internal static class Mutability
{
    /// <summary>Reach of every feature per unit of radius: a standard deviation, or nothing where it may not move. Flags do not move.</summary>
    public static Reach[] Reaches(CheckContext context, SampledRows sample) => [.. context.Input.Model.Features.Select(f =>
    {
        var spread = FeatureSpread.Of(context.Input.Evaluation, f, sample);
        var unit = spread.IsBinary || !double.IsFinite(spread.Deviation) ? 0 : spread.Deviation;
        return context.Input.FeatureRules.GetValueOrDefault(f, FeatureRule.None) switch
        {
            { IsMutable: false } => default,
            { Change: Direction.Up } => new Reach(0, unit),
            { Change: Direction.Down } => new Reach(unit, 0),
            _ => new Reach(unit, unit),
        };
    })];

    /// <summary>What was held still, for the reader.</summary>
    public static string Limitation(CheckContext context, Reach[] reaches)
    {
        var held = context.Input.Model.Features.Zip(reaches).Where(p => p.Second == default).Select(p => p.First).ToArray();
        var declared = context.Input.Model.Features.Count(f => context.Input.FeatureRules.GetValueOrDefault(f, FeatureRule.None) is { IsMutable: false } or { Change: not Direction.Any });
        return $"{held.Length} of {reaches.Length} features are held still (flags, constants and those declared fixed); {declared} features are declared fixed or to move in one direction.";
    }
}
