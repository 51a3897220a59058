using System.Globalization;
using Governance.Checks;
using Governance.Cli.Commands;
using Governance.Core.Evidence;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class CheckViews
{
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
            Draw.Rows(console, ["parameter", "default", "range", "meaning"], check.Parameters.Select(p => (IReadOnlyList<string>)
                [p.Name, Draw.Number(p.Default), $"{Draw.Number(p.Minimum)} to {Draw.Number(p.Maximum)}", p.Description]));
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
    }

    private static string Interval(Measure measure) =>
        measure is { Lower: { } lower, Upper: { } upper } ? $"{Draw.Number(lower)} to {Draw.Number(upper)}" : "";
}
