using System.Text;

namespace Governance.Data.Csv;

/// <summary>
/// Reads a CSV file (RFC 4180, comma, header; UTF-8, UTF-16 by its byte order mark, or what the schema declares) into a table by its declared schema, streaming. The file is hostile input: every fault found is reported
/// at once, and memory is bounded by the limits. Thread-safe.
/// </summary>
public static class CsvTableReader
{
    public static async Task<CsvOutcome> ReadFileAsync(string path, DatasetSchema schema, CsvLimits limits, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (file)
        {
            return await ReadAsync(file, schema, limits, cancellationToken);
        }
    }

    /// <param name="source">Read to its end unless the file is refused earlier; not disposed.</param>
    public static async Task<CsvOutcome> ReadAsync(Stream source, DatasetSchema schema, CsvLimits limits, CancellationToken cancellationToken)
    {
        if (schema.Validate() is { Count: > 0 } declaration)
        {
            return new CsvOutcome { Faults = [.. declaration.Take(limits.Faults).Select(m => new CsvFault(CsvFaultKind.Schema, null, null, m))] };
        }

        using var records = await CsvRecordReader.OpenAsync(source, schema.Encoding ?? TextEncoding.Utf8, limits, cancellationToken);
        var reading = new Reading(records, schema, limits);
        await reading.RunAsync(cancellationToken);
        return reading.Outcome();
    }

    /// <summary>One pass over one file.</summary>
    private sealed class Reading(CsvRecordReader records, DatasetSchema schema, CsvLimits limits)
    {
        /// <summary>Rows after which the length of the table is reckoned.</summary>
        private const int MeasuredRows = 1 << 14;

        private const string Advice = "Save the file as UTF-8, or declare its encoding in the schema (windows1252, latin1).";

        private readonly List<CsvFault> faults = [];
        private readonly ColumnBuilder[] builders = [.. schema.Columns.Select(c => ColumnBuilder.For(c, limits))];
        private ColumnBuilder?[] byField = [];
        private int rows;
        private bool ended;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            if (await records.ReadAsync(cancellationToken) && ReadHeader())
            {
                while (faults.Count < limits.Faults && await records.ReadAsync(cancellationToken))
                {
                    if (++rows > limits.Rows)
                    {
                        Report(CsvFaultKind.Limit, null, null, $"The file has more than {limits.Rows} rows.");
                        return;
                    }

                    ReadRow();
                    if (rows == MeasuredRows)
                    {
                        Expect();
                    }
                }

                ended = faults.Count < limits.Faults && records.Fault is null;
            }

            Conclude();
        }

        public CsvOutcome Outcome() => new()
        {
            Table = faults.Count == 0 ? new DataTable([.. builders.Select(b => b.Build())]) : null,
            Digest = ended ? records.DigestSoFar : default,
            Bytes = records.BytesRead,
            Faults = faults,
            MoreFaults = faults.Count >= limits.Faults,
        };

        private void Conclude()
        {
            if (records.Fault is { } fatal)
            {
                faults.Add(fatal);
            }
            else if (byField.Length == 0 && faults.Count == 0)
            {
                Report(CsvFaultKind.Empty, null, null, "The file is empty; its first line must name the columns.");
            }
            else if (ended && rows == 0)
            {
                Report(CsvFaultKind.Empty, null, null, "The file has a header and no rows.");
            }

            foreach (var fault in builders.Select(b => b.WholeColumnFault()).OfType<CsvFault>())
            {
                Report(fault.Kind, fault.Line, fault.Column, fault.Message);
            }
        }

        /// <summary>
        /// Makes room in the columns for as many rows as the file will have if the rest is like its beginning: a table then takes hardly more than its own size.
        /// A cell is at least a byte of the file, so that a file which claims more than it holds gets no more room than a multiple of its length.
        /// </summary>
        private void Expect()
        {
            if (records.Length is { } length)
            {
                var expected = Math.Min(1.05 * length * rows / records.BytesRead, Math.Min(limits.Rows, (double)length / Math.Max(1, byField.Length)));
                Array.ForEach(builders, b => b.Expect((int)expected));
            }
        }

        /// <summary>Maps fields to columns. False when the rows cannot be read in any case.</summary>
        private bool ReadHeader()
        {
            if (records.FieldCount > limits.Columns)
            {
                Report(CsvFaultKind.Limit, records.Line, null, $"The header names {records.FieldCount} columns; at most {limits.Columns} are allowed.");
                return false;
            }

            if (!records.IsUtf8)
            {
                Report(CsvFaultKind.Encoding, records.Line, null, $"The header is not UTF-8. {Advice}");
                return false;
            }

            var byName = builders.ToDictionary(b => b.Schema.Name, StringComparer.Ordinal);
            byField = new ColumnBuilder?[records.FieldCount];
            for (var i = 0; i < byField.Length; i++)
            {
                var name = Encoding.UTF8.GetString(records.Field(i));
                if (byName.Remove(name, out byField[i]))
                {
                    continue;
                }

                if (schema.Columns.Any(c => c.Name == name))
                {
                    Report(CsvFaultKind.RepeatedColumn, records.Line, name, $"The header names the column '{name}' twice.");
                }
                else
                {
                    Report(CsvFaultKind.UnknownColumn, records.Line, null, $"Column {i + 1} of the header, {Shown(name)}, is not declared. Declare it (role ignored keeps it unread) or remove it.");
                }
            }

            foreach (var missing in schema.Columns.Where(c => byName.ContainsKey(c.Name)))
            {
                var role = missing.Role is ColumnRole.Label ? "label column" : "column";
                Report(CsvFaultKind.MissingColumn, records.Line, missing.Name, $"The {role} '{missing.Name}' is declared but not in the file.");
            }

            return true;
        }

        private void ReadRow()
        {
            var line = records.Line;
            if (!records.IsUtf8)
            {
                Report(CsvFaultKind.Encoding, line, null, $"Line {line} is not UTF-8. {Advice}");
                return;
            }

            if (records.FieldCount != byField.Length)
            {
                Report(CsvFaultKind.FieldCount, line, null, $"Line {line} has {records.FieldCount} fields; the header has {byField.Length}.");
                return;
            }

            for (var i = 0; i < byField.Length; i++)
            {
                if (byField[i] is { } column)
                {
                    ReadCell(column, records.Field(i), line);
                }
            }
        }

        private void ReadCell(ColumnBuilder column, ReadOnlySpan<byte> cell, long line)
        {
            var name = column.Schema.Name;
            if (cell.IsEmpty && column.Schema.Missing is MissingPolicy.Refuse)
            {
                Report(CsvFaultKind.MissingValue, line, name, $"Line {line}, column '{name}': the cell is empty, and the schema refuses missing values there.");
            }
            else if (column.Add(cell, line) is { } wrong)
            {
                Report(CsvFaultKind.Value, line, name, $"Line {line}, column '{name}': the cell {wrong}.");
            }
        }

        private void Report(CsvFaultKind kind, long? line, string? column, string message)
        {
            if (faults.Count < limits.Faults)
            {
                faults.Add(new CsvFault(kind, line, column, message));
            }
        }

        private static string Shown(string name)
        {
            var plain = new string([.. name.Take(60).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
            return name.Length > 60 ? $"'{plain}…'" : $"'{plain}'";
        }
    }
}
