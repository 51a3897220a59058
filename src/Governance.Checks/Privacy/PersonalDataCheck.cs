using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks.Privacy;

/// <summary>Are there direct identifiers in the data or in the model file?</summary>
public sealed class PersonalDataCheck : TallyCheck
{
    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.personal_data",
        Version = "1",
        Family = CheckFamily.Privacy,
        Title = "Direct identifiers in data and model file",
        Purpose = "Do the columns hold names, addresses, numbers of accounts or people, and has such a thing slipped into the metadata of the model file, where nobody looks?",
        Method = "Every text and category value, every whole number of 13 to 19 digits, every column name and every metadata entry of the model file is compared with the forms of e-mail and IP addresses, telephone and social security numbers, full dates, and, with their check digits, "
            + "of IBANs and payment cards. Column names and metadata keys are also searched for words that announce personal data. Share of rows by column with Clopper-Pearson's interval.",
        SignsOfHighRisk = "Any column in which more than a stray value has such a form; an e-mail address or a path with a person's name in the model's metadata; subject ids that are themselves account or social security numbers.",
        Strengths = "Reads everything, samples nothing; check digits keep chance finds of accounts and cards rare. No value of a person is copied into the evidence.",
        Limits = "Forms only: names of people and free text that describes somebody are not recognised, and identifiers of other countries may have other forms. Features are float32 and hold no long number. A column name may announce what the column does not hold.",
        Sources = ["NIST SP 800-122 (2010), Guide to protecting the confidentiality of personally identifiable information", "ISO 13616 (IBAN)", "ISO/IEC 7812-1 (payment cards)", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [CheckParameters.Confidence],
        Measures =
        [
            new("identifier_rate", "share of values of a column that look like a direct identifier", 0, 1),
            new("columns_with_identifiers", "columns with direct identifiers", 0),
            new("announcing_columns", "columns whose name announces personal data", 0),
            new("metadata_findings", "findings in the metadata of the model file", 0),
        ],
        Tables = [new("personal_data", ["where", "what", "rows"])],
        Thresholds =
        [
            new("columns_with_identifiers", LimitKind.AtMost, [0], "Regulation (EU) 2016/679 Article 5(1)(c), data minimisation."),
        ],
    };

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        foreach (var (column, slot) in context.Input.Evaluation.Columns.Select((c, s) => (c, s)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Kind(column) is { } kind)
            {
                var counts = new long[PersonalDataPatterns.Kinds.Count + 1];
                for (var row = rows.Start; row < rows.Start + rows.Count; row++)
                {
                    counts[kind(row) + 1]++;
                }

                for (var k = 0; k < counts.Length; k++)
                {
                    tally.Map(slot, 1).Add(k, 0, counts[k]);
                }
            }
        }
    }

    /// <summary>The kind of identifier that each row of a column has the form of, −1 for none; null for columns that cannot hold one.</summary>
    private static Func<int, int>? Kind(DataColumn column)
    {
        switch (column)
        {
            case TextColumn text:
                return row => PersonalDataPatterns.Find(text.Values[row]);
            case CategoryColumn category:
                var kinds = category.Levels.Select(PersonalDataPatterns.Find).ToArray();
                return row => category.Codes.Span[row] < 0 ? -1 : kinds[category.Codes.Span[row]];
            case Float64Column { Role: not ColumnRole.Label } number:
                return row => number.Values.Span[row] is >= 1e12 and < 1e19 and var v && v == Math.Floor(v) ? PersonalDataPatterns.Find(v.ToString("F0", CultureInfo.InvariantCulture)) : -1;
            default:
                return null;
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var figures = new Figures();
        var found = new List<IReadOnlyList<Cell>>();
        var (columns, announced) = (0, 0);
        foreach (var (column, slot) in context.Input.Evaluation.Columns.Select((c, s) => (c, s)))
        {
            if (PersonalDataPatterns.Announces(column.Name) is { } word && column.Role is not ColumnRole.Ignored)
            {
                announced++;
                found.Add([$"column {column.Name}", $"name has the word '{word}'", default(Cell)]);
            }

            var map = tally.Map(slot, 1);
            if (map.Length == 0)
            {
                continue;
            }

            long rows = map.Total(), hits = rows - map.CountOf(0, 0);
            figures.Add("identifier_rate", (double)hits / rows, $"column={column.Name}", Proportion.ClopperPearson(hits, rows, context.Confidence), rows);
            columns += hits > 0 ? 1 : 0;
            for (var k = 0; k < PersonalDataPatterns.Kinds.Count; k++)
            {
                if (map.CountOf(k + 1, 0) is > 0 and var count)
                {
                    found.Add([$"column {column.Name}", PersonalDataPatterns.Kinds[k], (double)count]);
                }
            }
        }

        var metadata = Metadata(context.Input.Model).ToArray();
        found.AddRange(metadata.Select(m => (IReadOnlyList<Cell>)[m.Where, m.What, default(Cell)]));
        figures.Add("columns_with_identifiers", columns, count: context.Input.Evaluation.Columns.Count);
        figures.Add("announcing_columns", announced, count: context.Input.Evaluation.Columns.Count, note: "Columns that are read and whose name announces personal data.");
        if (context.Input.Model is IInspectableModel { Facts: not null })
        {
            figures.Add("metadata_findings", metadata.Length);
        }
        else
        {
            figures.Undefined("metadata_findings", "The model did not come from a file whose metadata could be read.");
        }

        return new Finding($"{columns} of {context.Input.Evaluation.Columns.Count} columns hold values with the form of a direct identifier; {announced} names announce one; {metadata.Length} findings in the model's metadata.", figures.All)
        {
            Tables = [new Table("personal_data", "Direct identifiers by place (values are not shown)", [new("where", "Where", "text"), new("what", "What", "text"), new("rows", "Rows", "integer")], found)],
        };
    }

    private static IEnumerable<(string Where, string What)> Metadata(IScorer model)
    {
        if (model is not IInspectableModel { Facts: { } facts })
        {
            yield break;
        }

        (string Where, string Key, string Value)[] entries =
        [
            ("producer", "", $"{facts.ProducerName} {facts.ProducerVersion}"), ("domain", "", facts.Domain), ("graph name", "", facts.GraphName),
            .. facts.Inputs.Concat(facts.Outputs).Select(v => ("input or output", "", v.Name)), .. facts.Metadata.Select((m, i) => ($"metadata entry {i + 1}", m.Key, m.Value)),
        ];
        foreach (var (where, key, value) in entries)
        {
            if (PersonalDataPatterns.Find(value) is >= 0 and var kind)
            {
                yield return ($"model {where}", PersonalDataPatterns.Kinds[kind]);
            }
            else if (PersonalDataPatterns.Announces(key) is { } word && value.Length > 0)
            {
                yield return ($"model {where}", $"key has the word '{word}'");
            }
        }
    }
}
