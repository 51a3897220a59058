namespace Governance.Checks;

/// <summary>A numeric parameter of a check: what its form shows, and what <see cref="CheckParameters"/> enforces. Immutable.</summary>
/// <param name="Name">snake_case.</param>
/// <param name="Description">Meaning and unit.</param>
/// <param name="Default">Used when not given.</param>
/// <param name="Minimum">Smallest accepted value.</param>
/// <param name="Maximum">Largest accepted value.</param>
public sealed record CheckParameter(string Name, string Description, double Default, double Minimum, double Maximum)
{
    /// <summary>Whether only whole numbers are accepted.</summary>
    public bool IsWhole { get; init; }

    /// <summary>A parameter that counts something.</summary>
    public static CheckParameter Whole(string name, string description, double standard, double minimum, double maximum) =>
        new(name, description, standard, minimum, maximum) { IsWhole = true };

    /// <summary>Whether the parameter may have this value; not a number never may.</summary>
    public bool Accepts(double value) => value >= Minimum && value <= Maximum && (!IsWhole || double.IsInteger(value));

    /// <summary>What <see cref="Accepts"/> takes, for people: <c>a whole number from 1 to 100</c>.</summary>
    public string Range => FormattableString.Invariant($"{(IsWhole ? "a whole number" : "a number")} from {Minimum} to {Maximum}");
}
