using System.Text.RegularExpressions;

namespace Governance.Reports.Definitions;

/// <summary>Wording with <c>{name}</c> placeholders: nothing else, no conditions, no markup.</summary>
internal static partial class Template
{
    public static IEnumerable<string> Placeholders(string template) => Placeholder().Matches(template).Select(m => m.Groups["name"].Value);

    /// <summary>Replaces each placeholder once; values are not searched again.</summary>
    public static string Fill(string template, Func<string, string> value) => Placeholder().Replace(template, m => value(m.Groups["name"].Value));

    [GeneratedRegex(@"\{(?<name>[^{}]*)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Placeholder();
}
