using Governance.Data.Csv;

namespace Governance.Data.Cases;

/// <summary>Reads <c>scores_test.csv</c> (row id, label, one column per model) and joins it to the rows of the test table.</summary>
internal static class ReferenceScoreFile
{
    public static async Task<IReadOnlyDictionary<string, ReadOnlyMemory<double>>> ReadAsync(
        string path, DataTable test, IReadOnlyList<ReferenceModel> models, CancellationToken cancellationToken)
    {
        var header = await ReferenceCase.HeaderAsync(path, cancellationToken);
        string[] scored = [.. models.Select(m => m.Name).Where(header.Contains)];
        var schema = new DatasetSchema(
        [
            ColumnSchema.SubjectId("row_id"),
            ColumnSchema.Label("label"),
            .. scored.Select(m => new ColumnSchema(m, ColumnRole.Ignored, ColumnType.Number64)),
        ]);
        var outcome = await CsvTableReader.ReadFileAsync(path, schema, CsvLimits.Default, cancellationToken);
        if (!outcome.Succeeded)
        {
            throw new InvalidDataException($"scores_test.csv: {outcome.Faults[0].Message}");
        }

        var rows = RowsByTestOrder(outcome.Table, test);
        return scored.ToDictionary(m => m, m => Ordered(((Float64Column)outcome.Table[m]).Values.Span, rows), StringComparer.Ordinal);
    }

    private static int[] RowsByTestOrder(DataTable scores, DataTable test)
    {
        var byId = ((TextColumn)scores["row_id"]).Values.Select((id, row) => (id, row)).ToDictionary(r => r.id, r => r.row, StringComparer.Ordinal);
        return
        [
            .. ((TextColumn)test["row_id"]).Values.Select(id =>
                byId.TryGetValue(id, out var row) ? row : throw new InvalidDataException("scores_test.csv lacks a row of test.csv.")),
        ];
    }

    private static ReadOnlyMemory<double> Ordered(ReadOnlySpan<double> values, int[] rows)
    {
        var ordered = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            ordered[i] = values[rows[i]];
        }

        return ordered;
    }
}
