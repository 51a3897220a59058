namespace Governance.Serving.Watching;

/// <summary>A figure beside its limit. Immutable.</summary>
/// <param name="Monitor">Which monitor; see <see cref="Monitors"/>.</param>
/// <param name="About">A feature or an arm; empty for the whole.</param>
/// <param name="AtLeast">The limit is the least allowed, not the largest.</param>
public readonly record struct MonitorReading(string Monitor, string About, double Value, double Limit, bool AtLeast = false)
{
    /// <summary>Share of the limit by which a figure must come back before its alert is over.</summary>
    public const double Margin = 0.1;

    public bool Breached => AtLeast ? Value < Limit : Value > Limit;

    /// <summary>Back within the limit by the margin; between the two neither.</summary>
    public bool Recovered => AtLeast ? Value >= Limit * (1 + Margin) || Value >= (Limit + 1) / 2 : Value <= Limit * (1 - Margin);
}
