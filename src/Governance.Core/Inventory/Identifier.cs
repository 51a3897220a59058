using System.Text.RegularExpressions;

namespace Governance.Core.Inventory;

/// <summary>Names that appear in addresses: models, datasets, routes. Lower-case words joined by hyphens, 2 to 64 characters.</summary>
public static partial class Identifier
{
    public const string Rule = "2 to 64 lower-case letters, digits and single hyphens, starting with a letter";

    public static bool IsValid(string? text) => text is { Length: >= 2 and <= 64 } && Pattern().IsMatch(text);

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
