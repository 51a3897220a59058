using System.Text.RegularExpressions;
using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates.Documents;

/// <summary>Reads the documents of a pack from YAML into records, collecting every issue with its place. One use per pack.</summary>
internal sealed partial class DocumentReader
{
    private const int LongestRuleId = 80;
    private static readonly string[] Kinds = ["Pack", "Policy", "Binding", "Params", "EvidenceSchema"];
    private readonly List<CelIssue> issues = [];

    public IReadOnlyList<CelIssue> Issues => issues;

    public string Name { get; private set; } = "";

    public string Version { get; private set; } = "";

    public string Title { get; private set; } = "";

    /// <summary>Packs whose documents belong to this one.</summary>
    public IReadOnlyList<(string Pack, YamlSource File, YamlNode At)> Extends { get; private set; } = [];

    /// <summary>Where the pack is meant for: a label; bindings decide.</summary>
    public IReadOnlyList<string> Jurisdictions { get; private set; } = [];

    public List<PolicyDocument> Policies { get; } = [];

    public List<BindingDocument> Bindings { get; } = [];

    public List<ParameterDocument> Parameters { get; } = [];

    /// <summary>Check ids and their measures, from documents of kind EvidenceSchema.</summary>
    public Dictionary<string, IReadOnlyList<string>> Checks { get; } = new(StringComparer.Ordinal);

    public void Read(YamlSource file)
    {
        try
        {
            foreach (var document in YamlReader.Read(file))
            {
                Document(file, document);
            }
        }
        catch (YamlFormatException e)
        {
            issues.Add(file.Issue(e.Line, e.Column, e.Message));
        }
    }

    private void Document(YamlSource file, YamlNode node)
    {
        var fields = new YamlFields(file, issues, node, "a policy document");
        if (fields.Text("apiVersion") is var version && version is not "governance/v1")
        {
            fields.Report(node, "'apiVersion' must be governance/v1");
        }

        var kind = fields.Scalar("kind", required: true);
        var metadata = fields.Child("metadata");
        var name = metadata?.Text("name") ?? "";
        switch (kind?.Text)
        {
            case "Pack":
                (Name, Version, Title) = (name, metadata?.Text("version") ?? "", metadata?.Text("title") ?? "");
                PackSpec(file, fields);
                break;
            case "Policy":
                metadata?.Text("title", required: false);
                Policies.Add(Policy(file, fields, name));
                break;
            case "Binding":
                Bindings.Add(Binding(file, fields));
                break;
            case "Params":
                metadata?.Text("owner");
                Params(file, fields);
                break;
            case "EvidenceSchema":
                EvidenceSchema(file, fields);
                break;
            case { } other:
                fields.Report(kind, $"'kind' is one of {string.Join(", ", Kinds)}{NearestName.Suggest(other, Kinds)}");
                return;
        }

        metadata?.Text("description", required: false);
        metadata?.Done();
        fields.Done();
    }

    private void PackSpec(YamlSource file, YamlFields fields)
    {
        if (fields.Child("spec") is not { } spec)
        {
            return;
        }

        Extends = [.. spec.Items("extends").OfType<YamlScalar>().Select(s => (s.Text, file, (YamlNode)s))];
        Jurisdictions = spec.Texts("jurisdictions");
        spec.Done();
        foreach (var (pack, _, at) in Extends.Where(e => !IsPackName(e.Pack)))
        {
            spec.Report(at, $"'{pack}' is no name of a pack: lower-case words joined by '-'");
        }
    }

    private PolicyDocument Policy(YamlSource file, YamlFields fields, string name)
    {
        var spec = fields.Child("spec", required: true) ?? fields;
        var evidence = spec.Child("evidence");
        var maxAge = Expression(file, evidence?.Scalar("maxAgeDays", required: true));
        evidence?.Done();
        var policy = new PolicyDocument(
            file,
            fields.Node,
            name,
            maxAge,
            Named(file, spec, "matchConditions"),
            Named(file, spec, "variables"),
            [.. spec.Items("validations", required: true).Select(v => Validation(file, v))]);
        spec.Done();
        return policy;
    }

    private List<NamedExpression> Named(YamlSource file, YamlFields spec, string list)
    {
        var named = new List<NamedExpression>();
        foreach (var item in spec.Items(list))
        {
            var fields = new YamlFields(file, issues, item, $"an item of '{list}'");
            var name = fields.Scalar("name", required: true);
            var expression = Expression(file, fields.Scalar("expression", required: true));
            fields.Done();
            if (name is not null && !Identifier().IsMatch(name.Text))
            {
                fields.Report(name, "a name is letters, digits and '_', and starts with a letter");
            }
            else if (name is not null && expression is not null)
            {
                named.Add(new NamedExpression(name.Text, expression));
            }
        }

        return named;
    }

    private ValidationDocument Validation(YamlSource file, YamlNode node)
    {
        var fields = new YamlFields(file, issues, node, "a validation");
        var effective = fields.Child("effective");
        var (from, until) = (effective?.Date("from"), effective?.Date("until"));
        effective?.Done();
        var rule = new ValidationDocument
        {
            At = node,
            Id = fields.Text("id"),
            Title = fields.Text("title"),
            Expression = Expression(file, fields.Scalar("expression", required: true)) ?? new CelSource("false"),
            Severity = Enum.Parse<RuleSeverity>(fields.Choice("severity", "deny", "review", "warn"), ignoreCase: true),
            Message = fields.Text("message"),
            Citation = fields.Text("citation"),
            Rationale = fields.Text("rationale"),
            Remediation = fields.Text("remediation"),
            When = Expression(file, fields.Scalar("when")),
            Value = Expression(file, fields.Scalar("value")),
            Threshold = Expression(file, fields.Scalar("threshold")),
            MessageExpression = Expression(file, fields.Scalar("messageExpression")),
            Requires = [.. fields.Items("requires").OfType<YamlScalar>().Select(s => (s.Text, (YamlNode)s))],
            Documents = [.. fields.Items("documents").OfType<YamlScalar>().Select(s => (s.Text, (YamlNode)s))],
            WaitsFor = fields.Text("waitsFor", required: false) is { Length: > 0 } role ? role : null,
            Waivable = fields.Flag("waivable"),
            EffectiveFrom = from,
            EffectiveUntil = until,
        };
        fields.Done();
        if (rule.Id.Length > LongestRuleId || !RuleId().IsMatch(rule.Id))
        {
            fields.Report(node, $"'id' is lower-case words joined by '-', at most {LongestRuleId} characters: fairness-impact-ratio");
        }

        if (rule.Severity == RuleSeverity.Review && rule.WaitsFor is null)
        {
            fields.Report(node, "a rule of severity review needs 'waitsFor': the role that reviews");
        }

        return rule;
    }

    private static CelSource? Expression(YamlSource file, YamlScalar? scalar) => scalar is null ? null : file.Expression(scalar);

    private static BindingDocument Binding(YamlSource file, YamlFields fields)
    {
        var spec = fields.Child("spec", required: true) ?? fields;
        var binding = new BindingDocument(
            file,
            fields.Node,
            spec.Text("policy"),
            spec.Texts("gates"),
            spec.Texts("targets"),
            spec.Texts("tiers"),
            spec.Texts("jurisdictions"));
        spec.Done();
        return binding;
    }

    private void Params(YamlSource file, YamlFields fields)
    {
        var spec = fields.Child("spec", required: true) ?? fields;
        foreach (var node in spec.Items("parameters", required: true))
        {
            var item = new YamlFields(file, issues, node, "a parameter");
            var name = item.Text("name");
            item.Text("description");
            item.Text("basis", required: false);
            if (!Identifier().IsMatch(name) || Parameters.Exists(p => p.Name == name))
            {
                item.Report(node, $"the parameter name '{name}' is no name or is used twice");
            }

            var values = ParameterValues.Read(item);
            item.Done();
            if (values is var (type, byTier))
            {
                Parameters.Add(new ParameterDocument(file, node, name, type, byTier));
            }
        }

        spec.Done();
    }

    private void EvidenceSchema(YamlSource file, YamlFields fields)
    {
        var spec = fields.Child("spec", required: true) ?? fields;
        foreach (var node in spec.Items("checks", required: true))
        {
            var item = new YamlFields(file, issues, node, "a check");
            Checks[item.Text("id")] = item.Texts("measures");
            item.Done();
        }

        spec.Done();
    }

    /// <summary>Whether a text may name a pack, and so a folder.</summary>
    public static bool IsPackName(string name) => name.Length <= 64 && RuleId().IsMatch(name);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifier();

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RuleId();
}
