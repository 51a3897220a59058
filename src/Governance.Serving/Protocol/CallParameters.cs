using System.Text.Json;
using Governance.Serving.Recording;

namespace Governance.Serving.Protocol;

/// <summary>What the parameters of a request say about it: whom it is about and what for. The same in every protocol. Not thread-safe.</summary>
internal sealed class CallParameters
{
    private HashSet<string>? unknown;
    private List<byte>? groups;

    public List<string> Subjects { get; } = new(1);

    public Dictionary<int, IReadOnlyList<string>>? CoSubjects { get; private set; }

    public string? Purpose { get; private set; }

    public string? Jurisdiction { get; private set; }

    /// <summary>Whether the reasons of adverse decisions are asked for.</summary>
    public bool? Reasons { get; private set; }

    /// <summary>Whether it is asked what would turn adverse decisions.</summary>
    public bool? Counterfactuals { get; private set; }

    /// <summary>Whether outputs are to be binary unless they say otherwise (<c>binary_data_output</c>).</summary>
    public bool? BinaryOutput { get; private set; }

    /// <summary>The groups of so many rows; null when none were given.</summary>
    public CallGroups? GroupsOf(int rows, InferenceShape shape) => groups is null ? null
        : groups.Count == rows * shape.Groups!.Count ? new CallGroups(shape.Groups, groups.ToArray())
        : throw StrictJson.Unfit("groups has one object for each row.");

    /// <summary>Reads the object of parameters.</summary>
    public void Read(ref Utf8JsonReader reader, InferenceShape shape)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartObject, "parameters is an object.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var one = reader.ValueTextEquals("subject_id"u8);
            if ((one || reader.ValueTextEquals("subject_ids"u8)) && Subjects.Count > 0)
            {
                throw StrictJson.Unfit("Give subject_id or subject_ids, once.");
            }

            if (one)
            {
                Subjects.Add(StrictJson.Line(ref reader, "subject_id", InferenceRequestReader.LongestSubject));
            }
            else if (reader.ValueTextEquals("subject_ids"u8))
            {
                ReadSubjects(ref reader, shape);
            }
            else if (reader.ValueTextEquals("purpose"u8))
            {
                Purpose = Purpose is null ? StrictJson.Line(ref reader, "purpose", InferenceRequestReader.LongestWord) : throw StrictJson.Unfit("Give purpose once.");
            }
            else if (reader.ValueTextEquals("jurisdiction"u8))
            {
                Jurisdiction = Jurisdiction is null
                    ? StrictJson.Line(ref reader, "jurisdiction", InferenceRequestReader.LongestWord)
                    : throw StrictJson.Unfit("Give jurisdiction once.");
            }
            else if (reader.ValueTextEquals("reasons"u8))
            {
                Reasons = Reasons is null ? StrictJson.Flag(ref reader, "reasons") : throw StrictJson.Unfit("Give reasons once.");
            }
            else if (reader.ValueTextEquals("counterfactuals"u8))
            {
                Counterfactuals = Counterfactuals is null ? StrictJson.Flag(ref reader, "counterfactuals") : throw StrictJson.Unfit("Give counterfactuals once.");
            }
            else if (reader.ValueTextEquals("groups"u8))
            {
                groups = groups is null ? GroupsReader.Read(ref reader, shape) : throw StrictJson.Unfit("Give groups once.");
            }
            else if (reader.ValueTextEquals("binary_data_output"u8))
            {
                BinaryOutput = BinaryOutput is null ? StrictJson.Flag(ref reader, "binary_data_output") : throw StrictJson.Unfit("Give binary_data_output once.");
            }
            else
            {
                // Other parameters are the caller's own: ignored, as the protocol allows.
                StrictJson.SkipMember(ref reader, ref unknown);
            }
        }
    }

    private void ReadSubjects(ref Utf8JsonReader reader, InferenceShape shape)
    {
        StrictJson.Begin(
            ref reader, JsonTokenType.StartArray, "subject_ids is a list: for each row a string, or a list of strings when it is about several people.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Subjects.Count == shape.MaxRows)
            {
                throw StrictJson.TooManyRows(shape);
            }

            if (reader.TokenType == JsonTokenType.StartArray)
            {
                ReadPeople(ref reader);
            }
            else
            {
                Subjects.Add(StrictJson.Present(in reader, "subject_ids", InferenceRequestReader.LongestSubject));
            }
        }
    }

    /// <summary>The people one row is about.</summary>
    private void ReadPeople(ref Utf8JsonReader reader)
    {
        List<string> people = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            people.Add(StrictJson.Present(in reader, "subject_ids", InferenceRequestReader.LongestSubject));
            if (people.Count > InferenceRequestReader.MostSubjectsOfARow)
            {
                throw StrictJson.Unfit($"A row is about at most {InferenceRequestReader.MostSubjectsOfARow} people.");
            }
        }

        if (people.Count == 0 || people.DistinctBy(Recording.Subjects.Normalize, StringComparer.Ordinal).Count() < people.Count)
        {
            throw StrictJson.Unfit("The people of a row are one or more, each named once.");
        }

        if (people.Count > 1)
        {
            CoSubjects ??= [];
            CoSubjects.Add(Subjects.Count, [.. people.Skip(1)]);
        }

        Subjects.Add(people[0]);
    }
}
