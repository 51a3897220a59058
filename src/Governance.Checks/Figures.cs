using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>
/// The measures of a result as they are found. A value that is not finite becomes an undefined measure, never a number. Not thread-safe.
/// </summary>
internal sealed class Figures
{
    private readonly List<Measure> measures = [];

    public IReadOnlyList<Measure> All => measures;

    public Measure Add(string name, double? value, string? group = null, Interval? interval = null, long? count = null,
        double? pValue = null, double? adjusted = null, string? test = null, string? note = null)
    {
        if (value is not { } number || !double.IsFinite(number))
        {
            return Undefined(name, note ?? "The formula has no finite value on these data.", group, count);
        }

        var bounds = interval is { } i && double.IsFinite(i.Lower) && double.IsFinite(i.Upper) ? interval : null;
        return Keep(new Measure
        {
            Name = name,
            Group = group,
            Value = number,
            Lower = bounds?.Lower,
            Upper = bounds?.Upper,
            Level = bounds?.Level,
            Interval = bounds?.Method,
            Count = count,
            PValue = Finite(pValue),
            AdjustedPValue = Finite(adjusted),
            Test = pValue is null ? null : test,
            Note = note,
        });
    }

    public Measure Undefined(string name, string note, string? group = null, long? count = null) =>
        Keep(new Measure { Name = name, Group = group, Count = count, Status = MeasureStatus.Undefined, Note = note });

    public Measure Insufficient(string name, string note, string? group = null, long? count = null) =>
        Keep(new Measure { Name = name, Group = group, Count = count, Status = MeasureStatus.Insufficient, Note = note });

    /// <summary>For sentences: four significant digits, or "undefined".</summary>
    public static string Text(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("G4", CultureInfo.InvariantCulture) : "undefined";

    /// <summary>For sentences: <c>0.75 (95% interval 0.70 to 0.80)</c>.</summary>
    public static string Text(Measure measure) =>
        measure.Value is null ? measure.Status == MeasureStatus.Insufficient ? "not given (too little data)" : "undefined"
        : measure.Lower is { } lower && measure.Upper is { } upper
            ? string.Create(CultureInfo.InvariantCulture, $"{Text(measure.Value)} ({measure.Level:0.##%} interval {Text(lower)} to {Text(upper)})")
            : Text(measure.Value);

    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;

    private Measure Keep(Measure measure)
    {
        measures.Add(measure);
        return measure;
    }
}
