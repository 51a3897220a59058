using System.Text.Json.Nodes;

namespace Governance.Checks;

/// <summary>The numeric parameters of one check on one input: given values over defaults. Immutable.</summary>
public sealed class CheckParameters
{
    /// <summary>Two-sided level of every interval: shared by the checks that give intervals.</summary>
    public static readonly CheckParameter Confidence = new("confidence", "Two-sided confidence level of the intervals.", 0.95, 0.5, 0.9999);

    /// <summary>Smallest group that gets a figure: shared by the fairness checks.</summary>
    public static readonly CheckParameter MinGroupSize =
        CheckParameter.Whole("min_group_size", "Fewest rows a rate of a group may rest on; below it the figure is 'insufficient'.", 30, 1, 1_000_000);

    private readonly Dictionary<string, double> values;

    private CheckParameters(Dictionary<string, double> values) => this.values = values;

    public double this[string name] => values[name];

    /// <summary>A parameter that counts something.</summary>
    public int Whole(string name) => (int)values[name];

    /// <summary>Values as evidence, in the order of the descriptor.</summary>
    public JsonObject ToJson() => new(values.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, JsonValue.Create(v.Value))));

    public static CheckParameters Of(CheckDescriptor descriptor, CheckInput input) => new(descriptor.Parameters.ToDictionary(
        p => p.Name,
        p => input.Parameters.TryGetValue(descriptor.Id, out var given) && given.TryGetValue(p.Name, out var value) ? value : p.Default));

    /// <summary>What is wrong with the given values, for the person who set them; null when nothing is.</summary>
    public static string? Problem(CheckDescriptor descriptor, CheckInput input) =>
        input.Parameters.TryGetValue(descriptor.Id, out var given) ? Problem(descriptor, given) : null;

    /// <summary>What is wrong with values by name, for the person who set them; null when nothing is.</summary>
    public static string? Problem(CheckDescriptor descriptor, IReadOnlyDictionary<string, double> given)
    {
        foreach (var (name, value) in given)
        {
            var parameter = descriptor.Parameters.FirstOrDefault(p => p.Name == name);
            if (parameter is null)
            {
                var known = string.Join(", ", descriptor.Parameters.Select(p => p.Name));
                return $"{descriptor.Id} has no parameter '{name}'; it has: {(known.Length == 0 ? "none" : known)}.";
            }

            if (!parameter.Accepts(value))
            {
                return FormattableString.Invariant($"{descriptor.Id}: {name} is {value}; set it to {parameter.Range}.");
            }
        }

        return null;
    }
}
