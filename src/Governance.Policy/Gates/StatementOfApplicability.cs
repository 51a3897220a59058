using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Policy.Gates.Testing;

namespace Governance.Policy.Gates;

/// <summary>A control of a framework, the rules that help to meet it, and what does where no rule does. Immutable.</summary>
/// <param name="Id"><c>MEASURE 2.11</c>, <c>A.6.2.4</c>.</param>
/// <param name="Otherwise">What part of the platform meets it, or why nothing here does; empty when rules say all.</param>
public sealed record ControlStatement(string Id, string Subject, IReadOnlyList<string> Rules, string Otherwise);

/// <summary>
/// Which rules of the shipped packs meet which controls of NIST AI RMF 1.0 and of ISO/IEC 42001:2023 Annex A: <c>gate-rules.yaml</c> and
/// <c>controls.yaml</c> of the folder of packs, read together. Immutable.
/// </summary>
public sealed class StatementOfApplicability
{
    private StatementOfApplicability(IReadOnlyList<ControlStatement> nist, IReadOnlyList<ControlStatement> iso, IReadOnlyList<string> unknown) =>
        (Nist, Iso, Unknown) = (nist, iso, unknown);

    public IReadOnlyList<ControlStatement> Nist { get; }

    public IReadOnlyList<ControlStatement> Iso { get; }

    /// <summary>Controls that rules name but the frameworks lack.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <param name="folder">The folder of all packs.</param>
    /// <exception cref="FormatException">A file is not what it should be.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static StatementOfApplicability Load(string folder)
    {
        var table = PolicyTestRunner.ReadInput(Path.Combine(folder, "gate-rules.yaml"));
        var controls = PolicyTestRunner.ReadInput(Path.Combine(folder, "controls.yaml"));
        var groups = List(table, "gateRules").Concat(List(table, "beyond")).ToList();
        var nist = Statements("nist");
        var iso = Statements("iso");
        var known = nist.Concat(iso).Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        return new StatementOfApplicability(
            nist, iso, [.. groups.SelectMany(g => Texts(g, "nist").Concat(Texts(g, "iso"))).Where(c => !known.Contains(c)).Distinct(StringComparer.Ordinal)]);

        List<ControlStatement> Statements(string framework) =>
        [
            .. List(controls, framework).Select(c => new ControlStatement(
                Text(c, "id"), Text(c, "subject"), [.. groups.Where(g => Texts(g, framework).Contains(Text(c, "id"))).SelectMany(g => Texts(g, "rules"))], Text(c, "otherwise"))),
        ];
    }

    /// <summary>The statement as a page.</summary>
    public string Markdown()
    {
        var page = new StringBuilder("""
            # Statement of applicability

            Which rules of the shipped packs help to meet which controls of NIST AI RMF 1.0 and ISO/IEC 42001:2023, Annex A. Subjects are in our words; where no rule
            applies, the table says what part of the platform does, or why the control lies outside what a gateway can do. A rule helps to meet a control; whether the
            control is met is for the bank and its auditors to say.

            Made from `policies/gate-rules.yaml` and `policies/controls.yaml` by `gov policy applicability policies`; a test compares it.

            """.ReplaceLineEndings("\n"));
        Table(page, "NIST AI RMF 1.0", Nist);
        Table(page, "ISO/IEC 42001:2023, Annex A", Iso);
        return page.ToString();
    }

    private static void Table(StringBuilder page, string title, IReadOnlyList<ControlStatement> controls)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| Control | Subject | Rules, or what instead |\n| --- | --- | --- |\n");
        foreach (var control in controls)
        {
            var rules = string.Join(", ", control.Rules.Distinct(StringComparer.Ordinal).Select(r => $"`{r}`"));
            page.Append(CultureInfo.InvariantCulture, $"| {control.Id} | {control.Subject} | {string.Join(". ", new[] { rules, control.Otherwise }.Where(t => t.Length > 0))} |\n");
        }
    }

    private static IEnumerable<JsonNode> List(JsonObject json, string name) =>
        (json[name] as JsonArray ?? throw new FormatException($"The list '{name}' is missing.")).OfType<JsonNode>();

    private static List<string> Texts(JsonNode json, string name) => [.. (json[name] as JsonArray ?? []).Select(t => t!.GetValue<string>())];

    private static string Text(JsonNode json, string name) => json[name]?.GetValue<string>() ?? "";
}
