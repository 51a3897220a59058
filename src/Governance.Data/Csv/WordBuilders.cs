using System.Runtime.InteropServices;
using System.Text;

namespace Governance.Data.Csv;

/// <summary>Words coded in order of appearance, and at the end in ordinal order.</summary>
internal sealed class CategoryBuilder : ColumnBuilder
{
    private readonly int maxLevels;
    private readonly GrowingArray<int> codes = new();
    private readonly Dictionary<string, int> byWord = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private char[] decoded = new char[64];

    public CategoryBuilder(ColumnSchema schema, int maxLevels)
        : base(schema)
    {
        this.maxLevels = maxLevels;
        lookup = byWord.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override void Expect(int cells) => codes.Expect(cells);

    public override string? Add(ReadOnlySpan<byte> cell, long line)
    {
        if (cell.IsEmpty)
        {
            codes.Add(-1);
            return null;
        }

        if (decoded.Length < cell.Length)
        {
            decoded = new char[cell.Length];
        }

        var word = decoded.AsSpan(0, Encoding.UTF8.GetChars(cell, decoded));
        if (!lookup.TryGetValue(word, out var code))
        {
            if (byWord.Count == maxLevels)
            {
                return $"is one more than the {maxLevels} distinct words a category may have; declare the column as text or group its values";
            }

            code = byWord.Count;
            byWord.Add(word.ToString(), code);
        }

        codes.Add(code);
        return null;
    }

    public override DataColumn Build()
    {
        var levels = byWord.Keys.Order(StringComparer.Ordinal).ToArray();
        var ordinal = new int[levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            ordinal[byWord[levels[i]]] = i;
        }

        var all = codes.ToMemory();
        foreach (ref var code in all.Span)
        {
            code = code < 0 ? -1 : ordinal[code];
        }

        return new CategoryColumn(Schema.Name, Schema.Role, all, levels);
    }
}

internal class TextBuilder(ColumnSchema schema) : ColumnBuilder(schema)
{
    private readonly GrowingArray<string> values = new();

    public override void Expect(int cells) => values.Expect(cells);

    public override string? Add(ReadOnlySpan<byte> cell, long line)
    {
        AddText(Encoding.UTF8.GetString(cell), line);
        return null;
    }

    public override DataColumn Build() => new TextColumn(Schema.Name, Schema.Role, MemoryMarshal.TryGetArray<string>(values.ToMemory(), out var all) ? all : []);

    protected virtual void AddText(string text, long line) => values.Add(text);
}

/// <summary>Ids that must differ. Reports the lines of repeats, never the ids.</summary>
internal sealed class SubjectIdBuilder(ColumnSchema schema) : TextBuilder(schema)
{
    private const int ShownLines = 5;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<long> repeats = [];
    private int repeatCount;

    public override CsvFault? WholeColumnFault() => repeatCount == 0
        ? null
        : new CsvFault(
            CsvFaultKind.DuplicateSubject,
            repeats[0],
            Schema.Name,
            $"The subject ids in column '{Schema.Name}' must differ, but {repeatCount} repeat an earlier one: line {string.Join(", ", repeats)}{(repeatCount > repeats.Count ? ", …" : "")}.");

    protected override void AddText(string text, long line)
    {
        base.AddText(text, line);
        if (text.Length > 0 && !seen.Add(text))
        {
            repeatCount++;
            if (repeats.Count < ShownLines)
            {
                repeats.Add(line);
            }
        }
    }
}
