using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Governance.Serving.Routing;

namespace Governance.Serving.Protocol;

/// <summary>
/// Writes answers. Open Inference Protocol v2: outputs in the order score, decision, those asked for; binary ones after the JSON. MLflow: one
/// prediction for each row. Both say under <c>parameters</c> where the answer is recorded, which decisions wait for a person, and what
/// explains them where that is due. Of a decision that is withheld nothing is written, and no score of the whole answer.
/// </summary>
public static class InferenceResponseWriter
{
    /// <param name="log">Name of the log the answer is recorded in.</param>
    /// <returns>Bytes of the JSON; what was written after them is binary.</returns>
    public static int Write(
        ResponseBuffer buffer, string name, RouteOutcome.Serves route, InferenceCall call, InferenceOutcome.Answered answer, string log)
    {
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteString("model_name"u8, name);
        WriteVersion(json, answer.Replayed?.Version ?? route.Version.Number);
        if (call.Id is { } id)
        {
            json.WriteString("id"u8, id);
        }

        WriteParameters(json, route, answer, log);
        json.WriteStartArray("outputs"u8);
        if (call.Outputs.Wants(AnswerOutputs.Score) && !answer.Withheld)
        {
            WriteScores(json, answer.Scores.Span, call.Outputs.IsBinary(AnswerOutputs.Score));
        }

        if (call.Outputs.Wants(AnswerOutputs.Decision))
        {
            WriteDecisions(json, answer.Told.Span, call.Outputs.IsBinary(AnswerOutputs.Decision));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        var length = buffer.Written.Length;
        WriteBinary(buffer, call.Outputs, answer);
        return length;
    }

    /// <summary>The answer of a scoring server: <c>{"predictions":[{"score":…,"decision":…}],"parameters":{…}}</c>.</summary>
    public static void WriteMlflow(ResponseBuffer buffer, RouteOutcome.Serves route, InferenceOutcome.Answered answer, string log)
    {
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray("predictions"u8);
        for (var row = 0; row < answer.Scores.Length; row++)
        {
            json.WriteStartObject();
            if (!answer.Withheld)
            {
                json.WriteNumber("score"u8, answer.Scores.Span[row]);
            }

            json.WriteString("decision"u8, answer.Told.Span[row]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteParameters(json, route, answer, log);
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteVersion(Utf8JsonWriter json, int version)
    {
        Span<byte> digits = stackalloc byte[11];
        version.TryFormat(digits, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString("model_version"u8, digits[..length]);
    }

    private static void WriteParameters(Utf8JsonWriter json, RouteOutcome.Serves route, InferenceOutcome.Answered answer, string log)
    {
        json.WriteStartObject("parameters"u8);
        json.WriteString("audit_log"u8, log);
        if (answer.FirstIndex >= 0)
        {
            json.WriteNumber("audit_index"u8, answer.FirstIndex);
        }

        json.WriteStartArray("receipt"u8);
        Span<byte> hash = stackalloc byte[Ledger.MerkleHash.Size];
        Span<byte> hex = stackalloc byte[2 * Ledger.MerkleHash.Size];
        for (var row = 0; row < answer.Leaves.Count; row++)
        {
            answer.Leaves[row].CopyTo(hash);
            Convert.TryToHexStringLower(hash, hex, out _);
            json.WriteStringValue(hex);
        }

        json.WriteEndArray();
        json.WriteNumber("promotion_index"u8, answer.Replayed?.Promotion ?? route.Route.Decision);
        json.WriteString("model_digest"u8, (answer.Replayed?.Model ?? route.Version.Submission.Artifact).ToString());
        WriteReviews(json, answer);
        ExplanationWriter.Write(json, answer);
        json.WriteEndObject();
    }

    private static void WriteReviews(Utf8JsonWriter json, InferenceOutcome.Answered answer)
    {
        if (answer.Reviews is not { } waits)
        {
            return;
        }

        json.WriteStartArray("review"u8);
        for (var row = 0; row < waits.Count; row++)
        {
            json.WriteStringValue(waits[row] ? "pending"u8 : "none"u8);
        }

        json.WriteEndArray();
    }

    private static void BeginOutput(Utf8JsonWriter json, ReadOnlySpan<byte> name, int rows, ReadOnlySpan<byte> datatype)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(rows);
        json.WriteEndArray();
        json.WriteString("datatype"u8, datatype);
    }

    private static void WriteBinarySize(Utf8JsonWriter json, int size)
    {
        json.WriteStartObject("parameters"u8);
        json.WriteNumber("binary_data_size"u8, size);
        json.WriteEndObject();
    }

    private static void WriteScores(Utf8JsonWriter json, ReadOnlySpan<double> scores, bool isBinary)
    {
        BeginOutput(json, "score"u8, scores.Length, "FP64"u8);
        if (isBinary)
        {
            WriteBinarySize(json, sizeof(double) * scores.Length);
        }
        else
        {
            json.WriteStartArray("data"u8);
            foreach (var score in scores)
            {
                json.WriteNumberValue(score);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteDecisions(Utf8JsonWriter json, ReadOnlySpan<string> decisions, bool isBinary)
    {
        BeginOutput(json, "decision"u8, decisions.Length, "BYTES"u8);
        if (isBinary)
        {
            WriteBinarySize(json, BinarySize(decisions));
        }
        else
        {
            json.WriteStartArray("data"u8);
            foreach (var decision in decisions)
            {
                json.WriteStringValue(decision);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static int BinarySize(ReadOnlySpan<string> texts)
    {
        var size = 0;
        foreach (var text in texts)
        {
            size += sizeof(uint) + Encoding.UTF8.GetByteCount(text);
        }

        return size;
    }

    private static void WriteBinary(ResponseBuffer buffer, OutputSelection outputs, InferenceOutcome.Answered answer)
    {
        if (outputs.IsBinary(AnswerOutputs.Score) && !answer.Withheld)
        {
            BinaryTensor.Write(answer.Scores.Span, buffer.Take(sizeof(double) * answer.Scores.Length));
        }

        if (!outputs.IsBinary(AnswerOutputs.Decision))
        {
            return;
        }

        var destination = buffer.Take(BinarySize(answer.Told.Span));
        foreach (var decision in answer.Told.Span)
        {
            var length = Encoding.UTF8.GetBytes(decision, destination[sizeof(uint)..]);
            BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)length);
            destination = destination[(sizeof(uint) + length)..];
        }
    }
}
