using System.Globalization;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates.Yaml;

/// <summary>
/// Reads the members of one mapping strictly: each by name and form, then <see cref="Done"/> reports every member nobody asked for.
/// Collects issues instead of throwing.
/// </summary>
internal sealed class YamlFields
{
    private readonly YamlSource source;
    private readonly List<CelIssue> issues;
    private readonly YamlMapping mapping;
    private readonly string what;
    private readonly List<string> asked = [];

    public YamlFields(YamlSource source, List<CelIssue> issues, YamlNode node, string what)
    {
        (this.source, this.issues, this.what) = (source, issues, what);
        mapping = node as YamlMapping ?? new YamlMapping(node.Line, node.Column, []);
        if (node is not YamlMapping)
        {
            Report(node, $"{what} must be a mapping of names to values");
        }
    }

    public YamlMapping Node => mapping;

    public YamlNode? Find(string name)
    {
        asked.Add(name);
        return mapping.Members.FirstOrDefault(m => m.Key.Text == name).Value;
    }

    public YamlScalar? Scalar(string name, bool required = false)
    {
        var node = Find(name);
        if (node is null && required)
        {
            Report(mapping, $"{what} needs '{name}'");
        }
        else if (node is not null and not YamlScalar)
        {
            Report(node, $"'{name}' must be a single value");
        }
        else if (node is YamlScalar { Text: "" } empty && required)
        {
            Report(empty, $"'{name}' is empty");
        }

        return node as YamlScalar;
    }

    public string Text(string name, bool required = true, string fallback = "") => Scalar(name, required)?.Text.Trim() ?? fallback;

    /// <summary>One of some words; the first is the default.</summary>
    public string Choice(string name, params string[] choices)
    {
        var scalar = Scalar(name);
        if (scalar is not null && !choices.Contains(scalar.Text))
        {
            Report(scalar, $"'{name}' is one of {string.Join(", ", choices)}{NearestName.Suggest(scalar.Text, choices)}");
        }

        return scalar is not null && choices.Contains(scalar.Text) ? scalar.Text : choices[0];
    }

    public bool Flag(string name) => Choice(name, "false", "true") == "true";

    public DateTimeOffset? Date(string name)
    {
        if (Scalar(name) is not { } scalar)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(scalar.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            return date;
        }

        Report(scalar, $"'{name}' is a date such as 2027-12-02");
        return null;
    }

    public IReadOnlyList<string> Texts(string name) => [.. Items(name).OfType<YamlScalar>().Select(s => s.Text)];

    public IReadOnlyList<YamlNode> Items(string name, bool required = false)
    {
        var node = Find(name);
        if (node is YamlSequence sequence)
        {
            return sequence.Items;
        }

        if (node is not null || required)
        {
            Report(node ?? mapping, $"'{name}' must be a list");
        }

        return [];
    }

    public YamlFields? Child(string name, bool required = false)
    {
        var node = Find(name);
        if (node is null && required)
        {
            Report(mapping, $"{what} needs '{name}'");
        }

        return node is null ? null : new YamlFields(source, issues, node, $"'{name}'");
    }

    public void Done()
    {
        foreach (var (key, _) in mapping.Members.Where(m => !asked.Contains(m.Key.Text)))
        {
            Report(key, $"{what} has no '{key.Text}'{NearestName.Suggest(key.Text, asked)}");
        }
    }

    public void Report(YamlNode at, string message) => issues.Add(source.Issue(at, message));
}
