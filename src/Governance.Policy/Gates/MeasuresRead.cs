using System.Text.RegularExpressions;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>
/// Which measures the rules of a policy read. Names are those that stand in a rule's expressions or in the policy's variables, of the checks its rules require;
/// a name that two of these checks have counts for both.
/// </summary>
internal static partial class MeasuresRead
{
    /// <param name="checks">Check ids with the names of their measures.</param>
    public static IEnumerable<(string Check, string Measure)> By(CompiledPolicy policy, IReadOnlyDictionary<string, IReadOnlyList<string>> checks)
    {
        var shared = Names(policy.Variables.Select(v => v.Program)).ToHashSet(StringComparer.Ordinal);
        return policy.Rules.SelectMany(rule =>
        {
            var names = Names(((CelProgram?[])[rule.When, rule.Value, rule.Threshold, rule.Expression]).OfType<CelProgram>()).Concat(shared).ToHashSet(StringComparer.Ordinal);
            return rule.Document.Requires.SelectMany(r => checks[r.Check].Where(names.Contains).Select(m => (r.Check, m)));
        });
    }

    private static IEnumerable<string> Names(IEnumerable<CelProgram> programs) => programs.SelectMany(p => Word().Matches(p.Source.Text).Select(m => m.Value));

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]*", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
