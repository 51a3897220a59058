using Governance.Core.Evidence;
using Governance.Reports.Documents;

namespace Governance.Reports.Charts;

/// <summary>Dots with intervals, one row per group, against a limit: rates, ratios and gaps by group.</summary>
public static class GroupIntervalChart
{
    /// <summary>Groups drawn, in the order given; the rest is counted in a line below them.</summary>
    public const int MaximumGroups = 30;

    private const double Width = 620;
    private const double Labels = 190;
    private const double Values = 168;
    private const double Top = 34;
    private const double RowHeight = 30;

    /// <param name="limit">A line that every group is held against; groups below it are drawn as hollow diamonds.</param>
    public static string Draw(IReadOnlyList<GroupPoint> all, string axisTitle, ReferenceLine? limit, ChartOptions options)
    {
        var groups = all.Take(MaximumGroups).ToList();
        var values = groups.SelectMany(g => new[] { g.Value, g.Lower, g.Upper }).OfType<double>().ToList();
        if (values.Count == 0)
        {
            return NoData.Draw(options);
        }

        var bottom = Top + (groups.Count * RowHeight);
        var canvas = new SvgCanvas(options, Width, bottom + (all.Count > groups.Count ? 64 : 44), Describe(groups, axisTitle, limit));
        var scale = Scale.Nice(limit is null ? values : values.Append(limit.Value), Labels, Width - Values);
        foreach (var tick in scale.Ticks)
        {
            canvas.GridLine(scale.At(tick), Top, scale.At(tick), bottom);
            canvas.Text(scale.At(tick), bottom + 12, scale.Label(tick), "middle", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        canvas.Text((Labels + Width - Values) / 2, bottom + 32, axisTitle, "middle", canvas.Theme.Muted);
        if (limit is not null)
        {
            var hint = groups.Any(g => g.Value < limit.Value) ? " · hollow: below" : "";
            canvas.Line(scale.At(limit.Value), Top - 10, scale.At(limit.Value), bottom, canvas.Theme.Limit, 1.5, "6 3");
            canvas.Text(scale.At(limit.Value), Top - 20, $"{NumberText.Brief(limit.Value)} {limit.Label}{hint}", "middle", canvas.Theme.Limit, SvgCanvas.SmallText);
        }

        if (all.Count > groups.Count)
        {
            canvas.Text(Labels, bottom + 52, $"and {all.Count - groups.Count} more groups", "start", canvas.Theme.Muted, SvgCanvas.SmallText);
        }

        for (var i = 0; i < groups.Count; i++)
        {
            Row(canvas, groups[i], scale, Top + ((i + 0.5) * RowHeight), limit);
        }

        return canvas.ToString();
    }

    private static void Row(SvgCanvas canvas, GroupPoint group, Scale scale, double y, ReferenceLine? limit)
    {
        canvas.Text(Labels - 12, y, SvgCanvas.Fit(group.Label, Labels - 16), "end");
        if (group.Value is not { } value)
        {
            canvas.Text(Width - Values + 14, y, group.Note ?? "no value", "start", canvas.Theme.Muted);
            return;
        }

        var below = limit is not null && value < limit.Value;
        var colour = below ? canvas.Theme.Limit : canvas.Theme.Primary;
        var interval = "";
        if (group is { Lower: { } lower, Upper: { } upper })
        {
            canvas.Line(scale.At(lower), y, scale.At(upper), y, colour, 2);
            canvas.Line(scale.At(lower), y - 4, scale.At(lower), y + 4, colour, 2);
            canvas.Line(scale.At(upper), y - 4, scale.At(upper), y + 4, colour, 2);
            interval = $"  [{NumberText.Brief(lower)}, {NumberText.Brief(upper)}]";
        }

        if (below)
        {
            canvas.Diamond(scale.At(value), y, 6, colour);
        }
        else
        {
            canvas.Disc(scale.At(value), y, 5, colour);
        }

        canvas.Text(Width - Values + 14, y, NumberText.Brief(value) + interval);
    }

    private static string Describe(List<GroupPoint> groups, string axisTitle, ReferenceLine? limit)
    {
        var rows = groups.Take(12).Select(g => g.Value is { } v ? $"{g.Label} {NumberText.Brief(v)}" : $"{g.Label}: {g.Note}");
        var line = limit is null ? "" : $" Limit {NumberText.Brief(limit.Value)}, {limit.Label}.";
        var more = groups.Count > 12 ? $", and {groups.Count - 12} more" : "";
        return $"{axisTitle} by group: {string.Join(", ", rows)}{more}.{line}";
    }
}
