using System.Text.Json;
using Governance.Core.Serving;
using Governance.Gateway.Hosting;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Gateway.Exports;

/// <summary>
/// An answered request as it is copied: the request and the answer in the Open Inference Protocol, features and outputs only. Whom it is about is in it only where the
/// route's owner set so; the caller's request id, purpose and explanations never are. Immutable.
/// </summary>
/// <param name="Id">Random: joins the two events, and nothing else.</param>
/// <param name="Input">Name of the model's input tensor.</param>
/// <param name="Call">With features of its own.</param>
internal sealed record ExportedExchange(Guid Id, ExportRule Rule, string Input, RouteOutcome.Serves Route, InferenceCall Call, InferenceOutcome.Answered Answer, DateTimeOffset Time)
{
    public string Name => Id.ToString("D");

    /// <summary>Body of the event of the request.</summary>
    public byte[] Request() => Write(json =>
    {
        json.WriteString("id"u8, Name);
        if (Rule.Subjects)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteStartArray("subject_ids"u8);
            for (var row = 0; row < Call.Rows; row++)
            {
                json.WriteStartArray();
                foreach (var subject in Call.SubjectsOf(row))
                {
                    json.WriteStringValue(subject);
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartArray("inputs"u8);
        Tensor(json, Input, "FP32", [Call.Rows, Call.Features.Length / Call.Rows], () =>
        {
            foreach (var value in Call.Features.Span)
            {
                json.WriteNumberValue(value);
            }
        });
        json.WriteEndArray();
    });

    /// <summary>Body of the event of the answer: what the caller was told, and where it is recorded.</summary>
    public byte[] Response() => Write(json =>
    {
        json.WriteString("model_name"u8, Route.Route.Name);
        json.WriteString("model_version"u8, Route.Version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("id"u8, Name);
        json.WriteStartObject("parameters"u8);
        json.WriteString("audit_log"u8, GovernanceLogs.InferenceName);
        if (Answer.FirstIndex >= 0)
        {
            json.WriteNumber("audit_index"u8, Answer.FirstIndex);
        }

        json.WriteEndObject();
        json.WriteStartArray("outputs"u8);
        if (!Answer.Withheld)
        {
            Tensor(json, "score", "FP64", [Call.Rows], () =>
            {
                foreach (var score in Answer.Scores.Span)
                {
                    json.WriteNumberValue(score);
                }
            });
        }

        Tensor(json, "decision", "BYTES", [Call.Rows], () =>
        {
            foreach (var decision in Answer.Told.Span)
            {
                json.WriteStringValue(decision);
            }
        });
        json.WriteEndArray();
    });

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Tensor(Utf8JsonWriter json, string name, string datatype, ReadOnlySpan<int> shape, Action data)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteStartArray("shape"u8);
        foreach (var size in shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteString("datatype"u8, datatype);
        json.WriteStartArray("data"u8);
        data();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
