using Governance.Reports.Documents;

namespace Governance.Reports.Definitions;

/// <summary>A kind of report: the sections it may have and the placeholders its wording may use. Immutable.</summary>
/// <param name="Id">Name of its definition file: <c>validation</c> for <c>validation.yaml</c>.</param>
public sealed record ReportKind<TInput>(
    string Id, IReadOnlyList<IReportSection<TInput>> Sections, IReadOnlyDictionary<string, Func<TInput, string>> Placeholders)
{
    internal IReadOnlyList<Section> Compose(ReportDefinition definition, TInput input) =>
        [.. definition.Sections.Select(s => new Section(s.Id, s.Title, s.Appendix, s.NewPage,
            [.. Sections.First(c => c.Id == s.Id).Build(input, new Wording(s.Wording, name => Placeholders[name](input)))]))];

    internal string Fill(string template, TInput input) => Template.Fill(template, name => Placeholders[name](input));
}
