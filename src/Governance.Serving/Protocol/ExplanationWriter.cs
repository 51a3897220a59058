using System.Text.Json;

namespace Governance.Serving.Protocol;

/// <summary>Writes what goes with each row's decision: null for a row that has none, and for one that is withheld.</summary>
internal static class ExplanationWriter
{
    /// <summary>Members <c>reasons</c> and <c>counterfactuals</c>, each absent when no row has any.</summary>
    public static void Write(Utf8JsonWriter json, InferenceOutcome.Answered answer)
    {
        if (answer.Explanations is not { } explanations)
        {
            return;
        }

        if (explanations.Any(e => e?.Reasons is not null))
        {
            WriteRows(json, "reasons"u8, answer, explanations, static e => e.Reasons, static (json, reasons) => WriteReasons(json, reasons));
        }

        if (explanations.Any(e => e?.Counterfactual is not null))
        {
            WriteRows(json, "counterfactuals"u8, answer, explanations, static e => e.Counterfactual, static (json, found) => WriteCounterfactual(json, found));
        }
    }

    private static void WriteRows<T>(
        Utf8JsonWriter json, ReadOnlySpan<byte> name, InferenceOutcome.Answered answer, IReadOnlyList<RowExplanation?> explanations, Func<RowExplanation, T?> of, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        json.WriteStartArray(name);
        for (var row = 0; row < explanations.Count; row++)
        {
            if (explanations[row] is { } explanation && of(explanation) is { } part && !answer.IsWithheld(row))
            {
                write(json, part);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteReasons(Utf8JsonWriter json, IReadOnlyList<AnswerReason> reasons)
    {
        json.WriteStartArray();
        foreach (var reason in reasons)
        {
            json.WriteStartObject();
            json.WriteString("code"u8, reason.Code);
            json.WriteString("text"u8, reason.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCounterfactual(Utf8JsonWriter json, AnswerCounterfactual counterfactual)
    {
        json.WriteStartObject();
        json.WriteBoolean("found"u8, counterfactual.Found);
        if (counterfactual.Score is { } score)
        {
            json.WriteNumber("score"u8, score);
        }

        json.WriteStartArray("changes"u8);
        foreach (var change in counterfactual.Changes)
        {
            json.WriteStartObject();
            json.WriteString("feature"u8, change.Feature);
            json.WriteNumber("from"u8, change.From);
            json.WriteNumber("to"u8, change.To);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
