using System.Globalization;

namespace Governance.Reports.Charts;

/// <summary>A linear map from data to drawing units, over a domain rounded outwards to its ticks. Immutable.</summary>
internal sealed class Scale
{
    private readonly double min;
    private readonly double max;
    private readonly double start;
    private readonly double end;
    private readonly int decimals;

    private Scale(double min, double max, double step, double start, double end)
    {
        (this.min, this.max, this.start, this.end) = (min, max, start, end);
        decimals = Math.Clamp((int)-Math.Floor(Math.Log10(step) + 1e-9), 0, 12);
        var count = (int)Math.Round((max - min) / step);
        Ticks = [.. Enumerable.Range(0, count + 1).Select(i => Math.Round(min + (i * step), decimals))];
    }

    /// <summary>Round numbers (1, 2 or 5 times a power of ten) from one end of the domain to the other.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>A scale whose domain holds every value; a single value gets room on both sides.</summary>
    public static Scale Nice(IEnumerable<double> values, double start, double end, int ticks = 5)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (low > high)
        {
            (low, high) = (0, 1);
        }

        if (high - low < 1e-9 * Math.Max(1, Math.Max(Math.Abs(low), Math.Abs(high))))
        {
            var room = low == 0 ? 0.5 : Math.Max(Math.Abs(low) * 0.1, 1e-6);
            (low, high) = (low - room, high + room);
        }

        var step = NiceStep((high - low) / ticks);
        return new Scale(Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step, step, start, end);
    }

    public static Scale Unit(double start, double end) => new(0, 1, 0.2, start, end);

    public double At(double value) => start + ((value - min) / (max - min) * (end - start));

    public string Label(double tick) => tick.ToString("N" + decimals, CultureInfo.InvariantCulture);

    private static double NiceStep(double raw)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return (raw / power) switch { <= 1.0000001 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
