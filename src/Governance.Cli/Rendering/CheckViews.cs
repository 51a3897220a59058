using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Checks;
using Governance.Cli.Commands;
using Governance.Core;
using Governance.Core.Evidence;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class CheckViews
{
    private const int MaximumColumns = 8;
    private const int MaximumTests = 20;

    /// <summary>The description with its parameters and result as JSON Schema, for programs.</summary>
    public static JsonObject Document(CheckDescriptor check)
    {
        var document = (JsonObject)JsonSerializer.SerializeToNode(check, GovernanceJson.Options)!;
        document["parameterSchema"] = CheckSchemas.Parameters(check);
        document["resultSchema"] = CheckSchemas.Result(check);
        return document;
    }

    public static void Descriptor(IAnsiConsole console, CheckDescriptor check)
    {
        Draw.Title(console, $"{check.Id} {check.Version}: {check.Title}");
        Draw.Fields(console,
            ("family", Draw.Word(check.Family)),
            ("runs", check.OnRequest ? "on request" : "always"),
            ("question", check.Purpose),
            ("method", check.Method),
            ("signs of high risk", check.SignsOfHighRisk),
            ("strengths", check.Strengths),
            ("limits", check.Limits),
            ("sources", string.Join("\n", check.Sources)));
        if (check.Parameters.Count > 0)
        {
            Draw.Rows(console, ["parameter", "default", "range", "meaning"], check.Parameters.Select(p => (IReadOnlyList<string>)[p.Name, Draw.Number(p.Default), p.Range, p.Description]));
        }

        Draw.Rows(console, ["measure", "range", "meaning"], check.Measures.Select(m => (IReadOnlyList<string>)[m.Name, Range(m), m.Meaning]));
        if (check.Tables.Count > 0)
        {
            Draw.Rows(console, ["table", "columns"], check.Tables.Select(t => (IReadOnlyList<string>)[t.Name, Columns(t)]));
        }

        if (check.Thresholds.Count > 0)
        {
            Draw.Rows(console, ["usual limit", "tiers 1, 2, 3", "basis"], check.Thresholds.Select(t => (IReadOnlyList<string>)
                [$"{t.Measure} {(t.Kind is LimitKind.AtLeast ? "at least" : "at most")}", string.Join(", ", t.Tiers.Select(v => Draw.Number(v))), t.Parameter is { } p ? $"{t.Basis} ({p})" : t.Basis]));
        }
    }

    public static void Outcome(IAnsiConsole console, LocalOutcome outcome)
    {
        Draw.Title(console, string.Create(CultureInfo.InvariantCulture, $"{outcome.Case} / {outcome.Model}, cut-off {outcome.Threshold}, seed {outcome.Seed}"));
        foreach (var result in outcome.Results)
        {
            Draw.Line(console, $"{result.Check}: {result.Summary}");
            Draw.Rows(console, ["measure", "about", "value", "interval", "n", "note"], result.Measures.Select(m => (IReadOnlyList<string>)
                [m.Name, m.Group ?? "", m.Status == MeasureStatus.Ok ? Draw.Number(m.Value) : Draw.Word(m.Status), Interval(m), Draw.Number(m.Count), m.Note ?? ""]));
        }

        foreach (var skipped in outcome.NotApplicable)
        {
            Draw.Line(console, $"{skipped.Check} does not apply: {skipped.Reason}");
        }

        Tests(console, outcome.Tests);
    }

    /// <summary>How many tests were asked together, and which stand after adjustment over all of them.</summary>
    private static void Tests(IAnsiConsole console, IReadOnlyList<ReviewTest> tests)
    {
        var standing = tests.Where(t => t.Stands).OrderByDescending(t => t.Gates).ThenBy(t => t.Adjusted).ToList();
        Draw.Line(console, string.Create(CultureInfo.InvariantCulture, $"{tests.Count} tests in all, {tests.Count(t => t.Gates)} of them on measures that policies limit; {standing.Count} stand at {ReviewTest.Level:P0} after adjustment over all of the same use (Holm for limits, Benjamini and Hochberg for screening)."));
        if (standing.Count > 0)
        {
            Draw.Rows(console, ["test", "about", "use", "p", "adjusted"], standing.Take(MaximumTests).Select(t => (IReadOnlyList<string>)
                [$"{t.Check} {t.Measure}", t.Group ?? "", t.Gates ? "limit" : "screening", Draw.Number(t.PValue), Draw.Number(t.Adjusted)]));
        }

        if (standing.Count > MaximumTests)
        {
            Draw.Line(console, string.Create(CultureInfo.InvariantCulture, $"{standing.Count - MaximumTests} more; all are in --json."));
        }
    }

    private static string Interval(Measure measure) =>
        measure is { Lower: { } lower, Upper: { } upper } ? $"{Draw.Number(lower)} to {Draw.Number(upper)}" : "";

    private static string Range(MeasureSchema measure) => (measure.Minimum, measure.Maximum) switch
    {
        ({ } low, { } high) => $"{Draw.Number(low)} to {Draw.Number(high)}",
        ({ } low, null) => $"from {Draw.Number(low)}",
        (null, { } high) => $"up to {Draw.Number(high)}",
        _ => "",
    };

    private static string Columns(TableSchema table) => table.Columns.Count <= MaximumColumns
        ? string.Join(", ", table.Columns)
        : $"{string.Join(", ", table.Columns.Take(MaximumColumns))} and {table.Columns.Count - MaximumColumns} more";
}
