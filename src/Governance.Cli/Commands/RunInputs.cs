using System.CommandLine;
using System.Globalization;
using Governance.Checks;
using Governance.Cli.Shell;
using Governance.Data;

namespace Governance.Cli.Commands;

/// <summary>Options that a run of checks takes beside model and data, the same for every command that runs or plans checks.</summary>
internal static class RunInputs
{
    public static Option<string[]> Parameters() => Values.Many("--parameter", "Parameter of a check, check.parameter=number");

    public static Option<string?> Features() =>
        Values.Optional<string?>("--features", "JSON file of rules by feature: group, reasonCode, reasonText, isMutable, isProhibited, change, monotone, minimum, maximum, step, measurementError");

    /// <summary>Words of the form <c>name=value</c>.</summary>
    public static Dictionary<string, string> Pairs(string option, string[] words)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } value] || !pairs.TryAdd(name, value))
            {
                throw CliException.Usage($"{option} is name=value, each name once; '{word}' is not.");
            }
        }

        return pairs;
    }

    /// <summary>Values of <c>--parameter</c>, by check and name, each what its check takes.</summary>
    public static Dictionary<string, IReadOnlyDictionary<string, double>> Numbers(string[] words)
    {
        var numbers = Pairs("--parameter", words)
            .Select(p => p.Key.LastIndexOf('.') is > 0 and var dot && double.TryParse(p.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? (Check: Check(p.Key[..dot]).Descriptor.Id, Name: p.Key[(dot + 1)..], Number: number)
                : throw CliException.Usage($"--parameter is check.parameter=number; '{p.Key}={p.Value}' is not."))
            .GroupBy(p => p.Check, StringComparer.Ordinal).ToDictionary(g => g.Key, g => (IReadOnlyDictionary<string, double>)g.ToDictionary(p => p.Name, p => p.Number));
        return numbers.Select(n => CheckParameters.Problem(Check(n.Key).Descriptor, n.Value)).OfType<string>().FirstOrDefault() is { } problem
            ? throw CliException.Usage(problem)
            : numbers;
    }

    /// <summary>The checks of the ids, or the standard ones.</summary>
    public static IReadOnlyList<ICheck> Checks(string[] ids) => ids.Length > 0 ? [.. ids.Select(Check)] : CheckCatalogue.Standard;

    public static ICheck Check(string id) =>
        CheckCatalogue.Find(id) ?? throw CliException.NotFound($"There is no check '{id}'.", "List them with: gov checks list");

    /// <summary>The file of <c>--features</c>, as it stands and read.</summary>
    public static async Task<(byte[] Bytes, IReadOnlyDictionary<string, FeatureRule> Rules)> RulesAsync(string path, IReadOnlyCollection<string> features, CancellationToken cancellationToken)
    {
        var bytes = await InputFiles.ReadAsync(path, Console.In, cancellationToken);
        var (rules, fault) = FeatureRuleFile.Read(bytes, features);
        return rules is null ? throw CliException.Invalid($"{path}: {fault}") : (bytes, rules);
    }
}
