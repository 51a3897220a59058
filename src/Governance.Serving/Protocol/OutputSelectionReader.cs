using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>Reads the member <c>outputs</c>: which outputs a caller wants, by name, and which of them in binary form.</summary>
internal static class OutputSelectionReader
{
    /// <summary>What holds where the member is absent.</summary>
    public static RequestedOutputs Everything => new(AnswerOutputs.All, AnswerOutputs.None, AnswerOutputs.None);

    [Flags]
    private enum Members
    {
        None = 0,
        Name = 1,
        Parameters = 2,
    }

    public static RequestedOutputs Read(ref Utf8JsonReader reader)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartArray, "outputs is a list of outputs by name.");
        var (wanted, binary, json) = (AnswerOutputs.None, AnswerOutputs.None, AnswerOutputs.None);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            StrictJson.Expect(reader.TokenType, JsonTokenType.StartObject, "outputs is a list of outputs by name.");
            var (output, isBinary) = ReadOutput(ref reader);
            if ((wanted & output) != AnswerOutputs.None)
            {
                throw StrictJson.Unfit("An output is asked for twice.");
            }

            wanted |= output;
            binary |= isBinary == true ? output : AnswerOutputs.None;
            json |= isBinary == false ? output : AnswerOutputs.None;
        }

        // An empty list asks for nothing in particular: everything, as if it were absent.
        return wanted == AnswerOutputs.None ? Everything : new RequestedOutputs(wanted, binary, json);
    }

    private static (AnswerOutputs Output, bool? IsBinary) ReadOutput(ref Utf8JsonReader reader)
    {
        var (output, seen) = (AnswerOutputs.None, Members.None);
        bool? isBinary = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                StrictJson.Once(ref seen, Members.Name, "name");
                reader.Read();
                output = Named(in reader);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                StrictJson.Once(ref seen, Members.Parameters, "parameters");
                isBinary = ReadParameters(ref reader);
            }
            else
            {
                throw StrictJson.Unfit("A member of an output is not one of name, parameters.");
            }
        }

        return output == AnswerOutputs.None ? throw Unknown() : (output, isBinary);
    }

    private static AnswerOutputs Named(in Utf8JsonReader name) =>
        name.TokenType != JsonTokenType.String ? throw Unknown()
        : name.ValueTextEquals("score"u8) ? AnswerOutputs.Score
        : name.ValueTextEquals("decision"u8) ? AnswerOutputs.Decision
        : throw Unknown();

    private static bool? ReadParameters(ref Utf8JsonReader reader)
    {
        StrictJson.Begin(ref reader, JsonTokenType.StartObject, "parameters is an object.");
        bool? isBinary = null;
        HashSet<string>? unknown = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("binary_data"u8))
            {
                isBinary = isBinary is null ? StrictJson.Flag(ref reader, "binary_data") : throw StrictJson.Unfit("Give binary_data once.");
            }
            else
            {
                StrictJson.SkipMember(ref reader, ref unknown);
            }
        }

        return isBinary;
    }

    private static FaultException Unknown() => StrictJson.Unfit("An output is not one of score, decision.");
}

/// <summary>Outputs as asked for, before the request's own preference is known.</summary>
/// <param name="Binary">Asked for in binary form.</param>
/// <param name="Json">Asked for as JSON, whatever the request prefers.</param>
internal readonly record struct RequestedOutputs(AnswerOutputs Wanted, AnswerOutputs Binary, AnswerOutputs Json)
{
    public OutputSelection Resolve(bool isBinaryPreferred) => new(Wanted, isBinaryPreferred ? Wanted & ~Json : Binary);
}
