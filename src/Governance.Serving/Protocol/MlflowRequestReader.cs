using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>
/// Reads a request of MLflow's scoring server as strictly as <see cref="InferenceRequestReader"/>: exactly one of <c>dataframe_split</c>,
/// <c>dataframe_records</c>, <c>instances</c> and <c>inputs</c>, with every feature once, and <c>params</c> for what is <c>parameters</c> there:
/// whom each row is about. Numbers only. Hostile bytes give a fault, never an exception.
/// </summary>
public static class MlflowRequestReader
{
    [Flags]
    private enum Members
    {
        None = 0,
        Table = 1,
        Params = 2,
    }

    /// <param name="body">JSON.</param>
    /// <param name="jsonLength">The protocol has no binary form: null.</param>
    /// <returns>A call, to be disposed by the caller, or a fault; exactly one is null.</returns>
    public static (InferenceCall? Call, InferenceFault? Fault) Read(ReadOnlySpan<byte> body, InferenceShape shape, long? jsonLength = null)
    {
        using var table = new MlflowTable(shape);
        try
        {
            var reader = new Utf8JsonReader(body, StrictJson.Options);
            var parameters = new CallParameters();
            ReadRequest(ref reader, shape, table, parameters);
            if (reader.Read())
            {
                throw StrictJson.Unfit("There is something after the request object.");
            }

            return (Complete(table, parameters, shape), null);
        }
        catch (FaultException e)
        {
            return (null, e.Fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return (null, new InferenceFault(400, "malformed-json", "The body is not the JSON of a request to an MLflow scoring server."));
        }
    }

    private static void ReadRequest(ref Utf8JsonReader reader, InferenceShape shape, MlflowTable table, CallParameters parameters)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartObject, "The request is a JSON object.");
        var seen = Members.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("params"u8))
            {
                StrictJson.Once(ref seen, Members.Params, "params");
                parameters.Read(ref reader, shape);
                continue;
            }

            var isSplit = reader.ValueTextEquals("dataframe_split"u8);
            var isRecords = reader.ValueTextEquals("dataframe_records"u8);
            var isColumns = reader.ValueTextEquals("inputs"u8);
            if (!isSplit && !isRecords && !isColumns && !reader.ValueTextEquals("instances"u8))
            {
                throw StrictJson.Unfit("A member of the request is not one of dataframe_split, dataframe_records, instances, inputs, params.");
            }

            StrictJson.Once(ref seen, Members.Table, "of the rows");
            reader.Read();
            if (isSplit)
            {
                ReadSplit(ref reader, table);
            }
            else if (isColumns && reader.TokenType == JsonTokenType.StartObject)
            {
                table.ReadColumns(ref reader);
            }
            else
            {
                table.ReadRows(ref reader);
            }
        }
    }

    private static void ReadSplit(ref Utf8JsonReader reader, MlflowTable table)
    {
        StrictJson.Expect(reader.TokenType, JsonTokenType.StartObject, "dataframe_split is an object.");
        HashSet<string>? others = null;
        var (hasColumns, hasData) = (false, false);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (!hasColumns && reader.ValueTextEquals("columns"u8))
            {
                hasColumns = true;
                table.ReadOrder(ref reader);
            }
            else if (!hasData && reader.ValueTextEquals("data"u8))
            {
                hasData = true;
                reader.Read();
                table.ReadRows(ref reader);
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                StrictJson.SkipMember(ref reader, ref others);
            }
            else
            {
                throw StrictJson.Unfit("dataframe_split has columns, data and perhaps an index, once each.");
            }
        }
    }

    private static InferenceCall Complete(MlflowTable table, CallParameters parameters, InferenceShape shape)
    {
        if (table.Rows < 1)
        {
            throw StrictJson.Unfit("The request holds no rows: give dataframe_split, dataframe_records, instances or inputs.");
        }

        if (parameters.Subjects.Count != table.Rows)
        {
            throw StrictJson.Unfit("params must name the data subject of each row: subject_id for one row, subject_ids for several.");
        }

        var rows = table.Rows;
        var features = table.RowMajor(out var length);
        return new InferenceCall(null, parameters.Subjects, features.AsMemory(0, length), rows)
        {
            Purpose = parameters.Purpose,
            Jurisdiction = parameters.Jurisdiction,
            Reasons = parameters.Reasons ?? false,
            Counterfactuals = parameters.Counterfactuals ?? false,
            Groups = parameters.GroupsOf(rows, shape),
            CoSubjects = parameters.CoSubjects ?? (IReadOnlyDictionary<int, IReadOnlyList<string>>)FrozenDictionary<int, IReadOnlyList<string>>.Empty,
        }.Renting(features);
    }
}
