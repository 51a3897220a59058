namespace Governance.Core.Evidence;

/// <summary>One statistical test among all of a review. Immutable.</summary>
/// <param name="Check">Check whose evidence holds it.</param>
/// <param name="Group">As in the measure; null for all rows.</param>
/// <param name="PValue">By itself, before any adjustment.</param>
/// <param name="Gates">A policy decides on its measure; else it screens.</param>
/// <param name="Adjusted">Over all tests of the review of the same use: Holm for gates, Benjamini and Hochberg for screening.</param>
public sealed record ReviewTest(string Check, string Measure, string? Group, double PValue, bool Gates, double Adjusted)
{
    /// <summary>Adjusted p-value below which a test stands.</summary>
    public const double Level = 0.05;

    /// <summary>Whether it would still be reported after adjustment.</summary>
    public bool Stands => Adjusted < Level;
}
