namespace Governance.Cli.Demo.Lenders;

/// <summary>A model with a cut-off: what a version is. Immutable.</summary>
/// <param name="LowestRatio">Lowest adverse impact ratio on the data it was judged on, over the protected groups that are large enough.</param>
/// <param name="Group">The group it is about.</param>
/// <param name="FavourableShare">Share of the rows that get the favourable prediction.</param>
internal sealed record Candidate(LenderModel Model, double Threshold, double LowestRatio, string Group, double FavourableShare);
