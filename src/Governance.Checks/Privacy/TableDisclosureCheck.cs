using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Privacy;

/// <summary>If the evaluation data were released, could people be found in it and facts about them be learned?</summary>
public sealed class TableDisclosureCheck : TallyCheck
{
    private const int Whole = 0;
    private const int StreamId = 0x4B414E4F;

    private static readonly CheckParameter K = CheckParameter.Whole("k", "Rows that share their quasi-identifiers with fewer than this many rows in all count as exposed.", 5, 2, 10_000);
    private static readonly CheckParameter Levels = CheckParameter.Whole("max_levels", "A feature with at most this many different values is a quasi-identifier; protected attributes always are.", 20, 2, 100_000);
    private static readonly CheckParameter Known = CheckParameter.Whole("known_attributes", "Quasi-identifiers an outsider is taken to know for the unicity.", 4, 1, 50);
    private static readonly CheckParameter Draws = CheckParameter.Whole("draws", "Random choices of that many quasi-identifiers the unicity is averaged over.", 20, 1, 500);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.table_disclosure",
        Version = "1",
        OnRequest = true,
        Family = CheckFamily.Privacy,
        Title = "k-anonymity, l-diversity, t-closeness and unicity",
        Purpose = "May the table be handed on, to a vendor or a researcher, without names, or do combinations of ordinary facts point at single people and at their outcome?",
        Method = "Quasi-identifiers are the protected attributes and the features with few values. Rows that agree in all of them form a class. k = size of the smallest class; exposed rows lie in classes below k. Within a class of the outcome: l = number of different outcomes "
            + "of the poorest class; t = largest difference of a class's outcome rate from the table's. Unicity: share of rows that are alone with their values of a few randomly chosen quasi-identifiers, mean and Student's interval over the choices.",
        SignsOfHighRisk = "Many rows alone in their class; classes of one outcome, whose members' outcome everybody learns who finds them; a unicity above a few percent with four attributes known.",
        Strengths = "Counts over the whole table, nothing is sampled; says what removing names leaves.",
        Limits = "Which columns an outsider knows is taken from their number of values: columns with many values (income to the cent) identify even better and are left out here. A missing value counts as a value. Classes are told apart by a 52-bit hash: among a million rows two classes "
            + "fall together with a chance below one in a thousand. k-anonymity is no guarantee against an outsider who knows more.",
        Sources =
        [
            "Sweeney (2002), k-anonymity, IJUFKS 10", "Machanavajjhala et al. (2007), l-diversity, ACM TKDD 1", "Li, Li and Venkatasubramanian (2007), t-closeness, ICDE", "de Montjoye et al. (2013), Unique in the crowd, Scientific Reports 3",
        ],
        Parameters = [K, Levels, Known, Draws, CheckParameters.Confidence],
        Measures =
        [
            new("k_anonymity", "rows of the smallest class", 0),
            new("exposed_rows", "share of rows in classes smaller than k", 0, 1),
            new("unique_rows", "share of rows alone in their class", 0, 1),
            new("l_diversity", "fewest different outcomes in a class", 0),
            new("rows_of_known_outcome", "share of rows whose class has one outcome", 0, 1),
            new("t_closeness", "largest distance of the outcomes of a class from those of all", 0, 1),
            new("unicity", "share of rows that some known attributes single out", 0, 1),
        ],
        Tables = [new("class_sizes", ["size", "classes", "rows"])],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) =>
        QuasiIdentifiers.Of(input.Evaluation, CheckParameters.Of(Descriptor, input).Whole(Levels.Name)).Count == 0
            ? "The data has no protected attribute and no feature with few values: nothing an outsider could match on." : null;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var table = context.Input.Evaluation;
        var columns = QuasiIdentifiers.Of(table, context.Parameters.Whole(Levels.Name));
        var outcome = Outcomes.Of(table);
        Count(tally.Map(Whole, Outcomes.Width), columns, rows, outcome);
        for (var draw = 0; draw < context.Parameters.Whole(Draws.Name); draw++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Count(tally.Map(1 + draw, 1), Choose(context, columns, draw), rows, _ => 0);
        }
    }

    private static QuasiIdentifier[] Choose(CheckContext context, IReadOnlyList<QuasiIdentifier> columns, int draw) =>
        [.. SplitMix64.For(context.Input.Seed ^ StreamId, draw).NextPermutation(columns.Count).Take(context.Parameters.Whole(Known.Name)).Order().Select(i => columns[i])];

    private static void Count(CountMapBuilder map, IReadOnlyList<QuasiIdentifier> columns, RowRange rows, Func<int, int> column)
    {
        for (var i = rows.Start; i < rows.Start + rows.Count; i++)
        {
            map.Add(QuasiIdentifiers.Hash(columns, i), column(i));
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var k = context.Parameters.Whole(K.Name);
        var map = tally.Map(Whole, Outcomes.Width);
        var classes = Enumerable.Range(0, map.Length).Select(i => new EquivalenceClass(map.Count(i, Outcomes.Negative), map.Count(i, Outcomes.Positive), map.Count(i, Outcomes.Unlabelled))).ToArray();
        var rows = classes.Sum(c => c.Rows);
        var figures = new Figures();
        var smallest = figures.Add("k_anonymity", classes.Min(c => c.Rows), count: rows, note: $"{classes.Length} classes of equal quasi-identifiers.");
        var exposed = figures.Add("exposed_rows", (double)classes.Where(c => c.Rows < k).Sum(c => c.Rows) / rows, count: rows, note: $"Share of rows in classes of fewer than {k}.");
        figures.Add("unique_rows", (double)classes.Count(c => c.Rows == 1) / rows, count: rows, note: "Share of rows that are alone in their class.");
        AddOutcomes(figures, classes);
        var draws = Enumerable.Range(0, context.Parameters.Whole(Draws.Name)).Select(d => Unicity(tally.Map(1 + d, 1))).ToArray();
        var unicity = figures.Add("unicity", draws.Average(), interval: Interval.OfReplicates(draws, context.Confidence) is { } i ? i with { Lower = Math.Max(0, i.Lower), Upper = Math.Min(1, i.Upper) } : null, count: rows,
            note: $"With {Math.Min(context.Parameters.Whole(Known.Name), QuasiIdentifiers.Of(context.Input.Evaluation, context.Parameters.Whole(Levels.Name)).Count)} attributes known.");
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"The table is {smallest.Value}-anonymous: {exposed.Value:P1} of its rows share their quasi-identifiers with fewer than {k}; with a few attributes known {unicity.Value:P1} are alone."),
            figures.All)
        {
            Tables = [SizeTable(classes)],
            Limitations = ["Quasi-identifiers: " + string.Join(", ", QuasiIdentifiers.Of(context.Input.Evaluation, context.Parameters.Whole(Levels.Name)).Select(c => c.Name)) + "."],
        };
    }

    private static void AddOutcomes(Figures figures, EquivalenceClass[] classes)
    {
        var labelled = classes.Where(c => c.Labelled > 0).ToArray();
        var (rows, positives) = (labelled.Sum(c => c.Labelled), labelled.Sum(c => c.Positives));
        if (rows == 0)
        {
            foreach (var name in new[] { "l_diversity", "rows_of_known_outcome", "t_closeness" })
            {
                figures.Undefined(name, "No row has an outcome of 0 or 1.", count: 0);
            }

            return;
        }

        figures.Add("l_diversity", labelled.Min(c => c.Outcomes), count: rows, note: "Different outcomes in the poorest class; 1 discloses.");
        figures.Add("rows_of_known_outcome", (double)labelled.Where(c => c.Outcomes == 1).Sum(c => c.Labelled) / rows, count: rows, note: "Share of rows in classes of one outcome.");
        figures.Add("t_closeness", labelled.Max(c => Math.Abs(((double)c.Positives / c.Labelled) - ((double)positives / rows))), count: rows, note: "Earth mover's distance of two outcomes: the difference of their rates.");
    }

    private static double Unicity(CountMap map) => (double)Enumerable.Range(0, map.Length).Count(i => map.Count(i, 0) == 1) / map.Total(0);

    private readonly record struct EquivalenceClass(long Negatives, long Positives, long Unlabelled)
    {
        public long Labelled => Negatives + Positives;

        public long Rows => Labelled + Unlabelled;

        public int Outcomes => (Negatives > 0 ? 1 : 0) + (Positives > 0 ? 1 : 0);
    }

    private static Table SizeTable(EquivalenceClass[] classes)
    {
        (string Name, long From, long To)[] sizes = [("1", 1, 1), ("2", 2, 2), ("3 to 4", 3, 4), ("5 to 9", 5, 9), ("10 to 99", 10, 99), ("100 and more", 100, long.MaxValue)];
        return new Table("class_sizes", "Rows by size of their class", [new("size", "Rows that share the quasi-identifiers", "text"), new("classes", "Classes", "integer"), new("rows", "Rows", "integer")],
            [.. sizes.Select(s =>
            {
                var of = classes.Where(c => c.Rows >= s.From && c.Rows <= s.To).ToArray();
                return (IReadOnlyList<Cell>)[s.Name, (double)of.Length, (double)of.Sum(c => c.Rows)];
            })]);
    }
}

/// <summary>A column an outsider may know, as a code of each row's value. Immutable.</summary>
internal sealed record QuasiIdentifier(string Name, Func<int, long> Code);

/// <summary>Columns an outsider may know.</summary>
internal static class QuasiIdentifiers
{
    public static IReadOnlyList<QuasiIdentifier> Of(DataTable table, int maxLevels) => [.. table.Columns.Select(c => Of(c, maxLevels)).OfType<QuasiIdentifier>()];

    /// <summary>A positive whole number below 2^52.</summary>
    public static double Hash(IReadOnlyList<QuasiIdentifier> columns, int row)
    {
        var hash = 0L;
        for (var c = 0; c < columns.Count; c++)
        {
            hash = (long)SplitMix64.For(hash, c, columns[c].Code(row)).Next();
        }

        return (ulong)hash >> 12;
    }

    private static QuasiIdentifier? Of(DataColumn column, int maxLevels) => column switch
    {
        CategoryColumn { Role: ColumnRole.Protected } c => new(c.Name, row => c.Codes.Span[row]),
        Float32Column { Role: ColumnRole.Feature } f when FewValues(f, maxLevels) => new(f.Name, row => BitConverter.SingleToInt32Bits(f.Values.Span[row] + 0f)),
        _ => null,
    };

    private static bool FewValues(Float32Column column, int maxLevels)
    {
        var seen = new HashSet<int>();
        foreach (var value in column.Values.Span)
        {
            if (seen.Add(BitConverter.SingleToInt32Bits(value + 0f)) && seen.Count > maxLevels)
            {
                return false;
            }
        }

        return true;
    }
}
