using System.Buffers;
using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>
/// Reads an Open Inference Protocol v2 request strictly: known members once each, one numeric tensor of the model's name and shape, finite
/// values, one subject per row. Hostile bytes give a fault, never an exception; memory is bounded by the rows allowed.
/// </summary>
public static class InferenceRequestReader
{
    public const int LongestId = 128;
    public const int LongestSubject = 256;

    /// <summary>Characters of a purpose or a jurisdiction.</summary>
    public const int LongestWord = 64;

    /// <summary>Most people one row can be about.</summary>
    public const int MostSubjectsOfARow = 8;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 8, CommentHandling = JsonCommentHandling.Disallow };

    /// <returns>A call, or a fault; exactly one is null.</returns>
    public static (InferenceCall? Call, InferenceFault? Fault) Read(ReadOnlySpan<byte> utf8, InferenceShape shape)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, Strict);
            var request = new Draft();
            ReadRequest(ref reader, request, shape);
            if (reader.Read())
            {
                throw Unfit("There is something after the request object.");
            }

            return (request.Complete(shape), null);
        }
        catch (FaultException e)
        {
            return (null, e.Fault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return (null, new InferenceFault(400, "malformed-json", "The body is not the JSON of an Open Inference Protocol v2 request."));
        }
    }

    private static void ReadRequest(ref Utf8JsonReader reader, Draft request, InferenceShape shape)
    {
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartObject, "The request is a JSON object.");
        var seen = Members.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                Once(ref seen, Members.Id, "id");
                request.Id = Line(ref reader, "id", LongestId);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, "parameters");
                ReadParameters(ref reader, request, shape);
            }
            else if (reader.ValueTextEquals("inputs"u8))
            {
                Once(ref seen, Members.Inputs, "inputs");
                ReadInputs(ref reader, request, shape);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                Once(ref seen, Members.Outputs, "outputs");
                reader.Read();
                reader.Skip();
            }
            else
            {
                throw Unfit("A member of the request is not one of id, parameters, inputs, outputs.");
            }
        }
    }

    private static void ReadParameters(ref Utf8JsonReader reader, Draft request, InferenceShape shape)
    {
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartObject, "parameters is an object.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var one = reader.ValueTextEquals("subject_id"u8);
            if ((one || reader.ValueTextEquals("subject_ids"u8)) && request.Subjects.Count > 0)
            {
                throw Unfit("Give subject_id or subject_ids, once.");
            }

            if (one)
            {
                request.Subjects.Add(Line(ref reader, "subject_id", LongestSubject));
            }
            else if (reader.ValueTextEquals("subject_ids"u8))
            {
                reader.Read();
                Expect(reader.TokenType, JsonTokenType.StartArray, "subject_ids is a list: for each row a string, or a list of strings when it is about several people.");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Limit(request.Subjects.Count + 1, shape);
                    ReadRowSubjects(ref reader, request);
                }
            }
            else if (reader.ValueTextEquals("purpose"u8))
            {
                request.Purpose = request.Purpose is null ? Line(ref reader, "purpose", LongestWord) : throw Unfit("Give purpose once.");
            }
            else if (reader.ValueTextEquals("jurisdiction"u8))
            {
                request.Jurisdiction = request.Jurisdiction is null ? Line(ref reader, "jurisdiction", LongestWord) : throw Unfit("Give jurisdiction once.");
            }
            else if (reader.ValueTextEquals("reasons"u8))
            {
                request.Reasons = request.Reasons is null ? Flag(ref reader, "reasons") : throw Unfit("Give reasons once.");
            }
            else if (reader.ValueTextEquals("counterfactual"u8))
            {
                request.Counterfactual = request.Counterfactual is null ? Flag(ref reader, "counterfactual") : throw Unfit("Give counterfactual once.");
            }
            else
            {
                // Other parameters are the caller's own: ignored, as the protocol allows.
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static bool Flag(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw Unfit($"{name} is true or false.");
    }

    private static void ReadRowSubjects(ref Utf8JsonReader reader, Draft request)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            request.Subjects.Add(Present(in reader, "subject_ids", LongestSubject));
            return;
        }

        List<string> people = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            people.Add(Present(in reader, "subject_ids", LongestSubject));
            if (people.Count > MostSubjectsOfARow)
            {
                throw Unfit($"A row is about at most {MostSubjectsOfARow} people.");
            }
        }

        if (people.Count == 0 || people.DistinctBy(Recording.Subjects.Normalize, StringComparer.Ordinal).Count() < people.Count)
        {
            throw Unfit("The people of a row are one or more, each named once.");
        }

        if (people.Count > 1)
        {
            request.CoSubjects.Add(request.Subjects.Count, [.. people.Skip(1)]);
        }

        request.Subjects.Add(people[0]);
    }

    private static void ReadInputs(ref Utf8JsonReader reader, Draft request, InferenceShape shape)
    {
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartArray, "inputs is a list of tensors.");
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartObject, "inputs holds exactly one tensor.");
        ReadTensor(ref reader, request, shape);
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.EndArray, "inputs holds exactly one tensor.");
    }

    private static void ReadTensor(ref Utf8JsonReader reader, Draft request, InferenceShape shape)
    {
        var seen = Members.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                Once(ref seen, Members.Name, "name");
                request.TensorName = Line(ref reader, "name", 256);
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                Once(ref seen, Members.Datatype, "datatype");
                request.Datatype = Line(ref reader, "datatype", 16);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                Once(ref seen, Members.Shape, "shape");
                ReadShape(ref reader, request);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                Once(ref seen, Members.Data, "data");
                ReadData(ref reader, request, shape);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, "parameters");
                reader.Read();
                reader.Skip();
            }
            else
            {
                throw Unfit("A member of the tensor is not one of name, shape, datatype, parameters, data.");
            }
        }
    }

    private static void ReadShape(ref Utf8JsonReader reader, Draft request)
    {
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartArray, "shape is a list of integers.");
        while (reader.Read() && reader.TokenType == JsonTokenType.Number && request.Shape.Count < 3 && reader.TryGetInt64(out var size))
        {
            request.Shape.Add(size);
        }

        Expect(reader.TokenType, JsonTokenType.EndArray, "shape is a list of two integers: rows and features.");
    }

    /// <summary>Flat or nested row-major numbers.</summary>
    private static void ReadData(ref Utf8JsonReader reader, Draft request, InferenceShape shape)
    {
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartArray, "data is a list of numbers.");
        var most = (long)shape.MaxRows * shape.Features;
        var depth = 1;
        while (depth > 0 && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when depth < 2:
                    depth++;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.Number:
                    if (request.Data.WrittenCount >= most)
                    {
                        throw TooMany(shape);
                    }

                    var value = (float)reader.GetDouble();
                    if (!float.IsFinite(value))
                    {
                        throw Unfit($"Value {request.Data.WrittenCount} of data is outside the range of FP32.");
                    }

                    request.Data.GetSpan(1)[0] = value;
                    request.Data.Advance(1);
                    break;
                default:
                    throw Unfit($"Value {request.Data.WrittenCount} of data is not a number. NaN, infinity and null are not accepted.");
            }
        }
    }

    /// <summary>The next value: a string of 1 to <paramref name="longest"/> characters.</summary>
    private static string Line(ref Utf8JsonReader reader, string name, int longest)
    {
        reader.Read();
        return Present(in reader, name, longest);
    }

    /// <summary>The present value, a string of 1 to <paramref name="longest"/> characters.</summary>
    private static string Present(in Utf8JsonReader reader, string name, int longest)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        return text.Length >= 1 && text.Length <= longest && !text.Any(char.IsControl)
            ? text
            : throw Unfit($"{name} is a string of 1 to {longest} characters without control characters.");
    }

    private static void Once(ref Members seen, Members member, string name)
    {
        if ((seen & member) != Members.None)
        {
            throw Unfit($"The member {name} is there twice.");
        }

        seen |= member;
    }

    private static void Limit(int rows, InferenceShape shape)
    {
        if (rows > shape.MaxRows)
        {
            throw TooMany(shape);
        }
    }

    private static void Expect(JsonTokenType actual, JsonTokenType expected, string detail)
    {
        if (actual != expected)
        {
            throw Unfit(detail);
        }
    }

    private static FaultException Unfit(string detail) => new(new InferenceFault(422, "unfit-request", detail));

    private static FaultException TooMany(InferenceShape shape) =>
        new(new InferenceFault(413, "too-many-rows", $"One request holds at most {shape.MaxRows} rows of {shape.Features} features."));

    [Flags]
    private enum Members
    {
        None = 0,
        Id = 1,
        Parameters = 2,
        Inputs = 4,
        Outputs = 8,
        Name = 16,
        Datatype = 32,
        Shape = 64,
        Data = 128,
    }

    /// <summary>Carries a fault out of the recursive reader; never leaves this class.</summary>
    private sealed class FaultException(InferenceFault fault) : Exception
    {
        public InferenceFault Fault { get; } = fault;
    }

    private sealed class Draft
    {
        private static readonly string[] Numeric =
            ["FP32", "FP64", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"];

        public string? Id { get; set; }

        public string? Purpose { get; set; }

        public string? Jurisdiction { get; set; }

        public bool? Reasons { get; set; }

        public bool? Counterfactual { get; set; }

        public List<string> Subjects { get; } = [];

        public Dictionary<int, IReadOnlyList<string>> CoSubjects { get; } = [];

        public string? TensorName { get; set; }

        public string? Datatype { get; set; }

        public List<long> Shape { get; } = [];

        public ArrayBufferWriter<float> Data { get; } = new();

        public InferenceCall Complete(InferenceShape shape)
        {
            if (TensorName != shape.InputName)
            {
                throw Unfit($"inputs must hold one tensor named '{shape.InputName}'.");
            }

            if (!Numeric.Contains(Datatype, StringComparer.Ordinal))
            {
                throw Unfit("datatype must be numeric: FP32 or another of FP64, INT8-64, UINT8-64.");
            }

            if (Shape.Count != 2 || Shape[1] != shape.Features || Shape[0] < 1)
            {
                throw Unfit($"shape must be [rows, {shape.Features}] with at least one row.");
            }

            if (Shape[0] > shape.MaxRows)
            {
                throw TooMany(shape);
            }

            if (Data.WrittenCount != Shape[0] * Shape[1])
            {
                throw Unfit($"data holds {Data.WrittenCount} values where shape says {Shape[0] * Shape[1]}.");
            }

            return Subjects.Count == Shape[0]
                ? new InferenceCall(Id, Subjects, Data.WrittenMemory, (int)Shape[0]) {
                    Purpose = Purpose, Jurisdiction = Jurisdiction, Reasons = Reasons ?? false, Counterfactual = Counterfactual ?? false, CoSubjects = CoSubjects,
                }
                : throw Unfit("parameters must name the data subject of each row: subject_id for one row, subject_ids for several.");
        }
    }
}
