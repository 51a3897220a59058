using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Reports.Definitions;

/// <summary>Reads a definition file and checks it against its kind of report, collecting every error with its place.</summary>
internal sealed class DefinitionReader<TInput>(string file, ReportKind<TInput> kind)
{
    /// <summary>A definition is a few pages of text; a larger file is refused unread.</summary>
    public const int MaximumBytes = 256 * 1024;

    private readonly List<DefinitionError> errors = [];

    /// <exception cref="ReportDefinitionException">The file is missing, too large, not YAML, or says something unknown.</exception>
    public static ReportDefinition Load(string path, ReportKind<TInput> kind)
    {
        var name = Path.GetFileName(path);
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new ReportDefinitionException([new(name, 1, 1, $"the definition of the report '{kind.Id}' is not in {info.DirectoryName}")]);
        }

        return info.Length > MaximumBytes
            ? throw new ReportDefinitionException([new(name, 1, 1, $"a definition holds at most {MaximumBytes} bytes, this has {info.Length}")])
            : Parse(name, File.ReadAllText(path), kind);
    }

    public static ReportDefinition Parse(string file, string yaml, ReportKind<TInput> kind) => new DefinitionReader<TInput>(file, kind).Read(yaml);

    private ReportDefinition Read(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new ReportDefinitionException([new(file, e.Start.Line, e.Start.Column, "not YAML: " + e.Message)]);
        }

        if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            throw new ReportDefinitionException([new(file, 1, 1, "a definition is one YAML mapping")]);
        }

        Known(root, "report", "title", "subtitle", "classification", "language", "verification", "sections");
        var report = Required(root, "report");
        if (report != kind.Id)
        {
            Error(root, $"'report' must be '{kind.Id}' in this file, not '{report}'");
        }

        var definition = new ReportDefinition(
            report, Required(root, "title"), Checked(root, Required(root, "subtitle"), []), Required(root, "classification"),
            Optional(root, "language") ?? "en", Verification(root), Sections(root));
        return errors.Count == 0 ? definition : throw new ReportDefinitionException(errors);
    }

    private List<string> Verification(YamlMappingNode root)
    {
        if (Child(root, "verification") is not YamlSequenceNode { Children.Count: > 0 } steps)
        {
            Error(root, "'verification' must list at least one step");
            return [];
        }

        return [.. steps.Select(s => s is YamlScalarNode { Value: { } text } ? Checked(s, text, []) : Bad(s, "a step is a text"))];
    }

    private List<SectionDefinition> Sections(YamlMappingNode root)
    {
        if (Child(root, "sections") is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            Error(root, "'sections' must list at least one section");
            return [];
        }

        var sections = new List<SectionDefinition>();
        foreach (var node in list)
        {
            if (node is not YamlMappingNode mapping)
            {
                Error(node, "a section is a mapping with 'id' and 'title'");
                continue;
            }

            Known(mapping, "id", "title", "appendix", "new_page", "wording");
            var id = Required(mapping, "id");
            if (sections.Any(s => s.Id == id))
            {
                Error(mapping, $"section '{id}' is listed twice");
            }

            sections.Add(new SectionDefinition(id, Required(mapping, "title"), Flag(mapping, "appendix"), Flag(mapping, "new_page"), SectionWording(mapping, id)));
        }

        return sections;
    }

    private Dictionary<string, string> SectionWording(YamlMappingNode section, string id)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (kind.Sections.FirstOrDefault(s => s.Id == id) is not { } known)
        {
            Error(section, $"unknown section '{id}'; known are: {string.Join(", ", kind.Sections.Select(s => s.Id))}");
            return texts;
        }

        var wording = Child(section, "wording") as YamlMappingNode ?? new YamlMappingNode();
        foreach (var (keyNode, valueNode) in wording.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (known.Wording.FirstOrDefault(w => w.Name == key) is not { } declared)
            {
                Error(keyNode, $"section '{id}' has no text '{key}'; it reads: {string.Join(", ", known.Wording.Select(w => w.Name))}");
            }
            else if (valueNode is YamlScalarNode { Value: { Length: > 0 } text })
            {
                texts[key] = Checked(valueNode, text.Trim(), declared.Placeholders);
            }
            else
            {
                Error(valueNode, $"the text '{key}' is empty");
            }
        }

        foreach (var missing in known.Wording.Where(w => !texts.ContainsKey(w.Name)))
        {
            Error(section, $"section '{id}' needs the text '{missing.Name}' below 'wording'");
        }

        return texts;
    }

    private string Checked(YamlNode node, string template, IReadOnlyList<string> own)
    {
        foreach (var name in Template.Placeholders(template).Where(n => !own.Contains(n) && !kind.Placeholders.ContainsKey(n)))
        {
            Error(node, $"unknown placeholder '{{{name}}}'; known here are: {string.Join(", ", own.Concat(kind.Placeholders.Keys))}");
        }

        return template;
    }

    private void Known(YamlMappingNode node, params string[] keys)
    {
        foreach (var key in node.Children.Keys.Where(k => k is not YamlScalarNode { Value: { } v } || !keys.Contains(v)))
        {
            Error(key, $"unknown key '{key}'; known here are: {string.Join(", ", keys)}");
        }
    }

    private string Required(YamlMappingNode node, string key) => Optional(node, key) is { Length: > 0 } text ? text : Bad(node, $"'{key}' is missing");

    private bool Flag(YamlMappingNode node, string key)
    {
        var text = Optional(node, key) ?? "false";
        if (text is not ("true" or "false"))
        {
            Error(node, $"'{key}' is true or false, not '{text}'");
        }

        return text == "true";
    }

    private static string? Optional(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private string Bad(YamlNode node, string message)
    {
        Error(node, message);
        return "";
    }

    private void Error(YamlNode node, string message) => errors.Add(new(file, node.Start.Line, node.Start.Column, message));
}
