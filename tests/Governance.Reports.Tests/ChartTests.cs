using System.Globalization;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Evidence;
using Governance.Reports.Charts;
using Governance.Reports.Html;

namespace Governance.Reports.Tests;

public sealed class ChartTests
{
    private static Cell Nothing => default;

    public static TheoryData<string, Cell[][]> EdgeTables => new()
    {
        { "empty", [] },
        { "one row", [[0.5, 0.5, 0.4, 0.6, 10.0]] },
        { "one row of zeros", [[0.0, 0.0, 0.0, 0.0, 0.0]] },
        { "cells without value", [[Nothing, Nothing, Nothing, Nothing, Nothing], [0.2, Nothing, 0.1, Nothing, 3.0]] },
        { "texts where numbers belong", [["<script>", "x", "y", "z", "w"]] },
        { "short rows", [[0.1], []] },
        { "all equal", [[0.3, 0.3, 0.3, 0.3, 5.0], [0.3, 0.3, 0.3, 0.3, 5.0]] },
        { "outside the unit square", [[-1.0, 7.0, -2.0, 9.0, 1.0], [2.0, -3.0, -4.0, -1.0, 1.0]] },
        { "huge and tiny", [[1e300, 1e300, -1e300, 1e300, 1e18], [1e-300, 1e-300, 0.0, 1e-300, 0.0]] },
    };

    [Theory]
    [MemberData(nameof(EdgeTables))]
    public void Charts_of_edge_tables_are_sound(string name, Cell[][] rows)
    {
        Assert.NotEmpty(name);
        Assert.All(Charts.All(rows), svg => Charts.AssertSound(svg));
    }

    [Fact]
    public void Charts_of_any_numbers_are_sound()
    {
        var cell = Gen.OneOf(
            Gen.Choose(-2000, 2000).Select(i => new Cell(i / 1000.0)),
            ArbMap.Default.GeneratorFor<double>().Select(d => new Cell((double?)d)),
            ArbMap.Default.GeneratorFor<string>().Select(s => new Cell(s)));
        var tables = cell.ArrayOf(5).ArrayOf().ToArbitrary();
        Prop.ForAll(tables, rows =>
        {
            foreach (var svg in Charts.All(rows))
            {
                Charts.AssertSound(svg);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Roc_curve_starts_and_ends_in_the_corners_of_its_plot()
    {
        var root = Charts.AssertSound(RocChart.Draw(Samples.Roc(), Samples.Measure("auc", 0.792, lower: 0.7815, upper: 0.8025), Charts.Options));

        var curve = Paths(root).Single(p => p.Attribute("fill")!.Value == "none").Attribute("d")!.Value;
        Assert.StartsWith("M56 394L", curve, StringComparison.Ordinal);
        Assert.EndsWith("L436 14", curve, StringComparison.Ordinal);
        Assert.Contains(Texts(root), t => t == "AUC 0.7920");
        Assert.Contains(Texts(root), t => t == "[0.7815, 0.8025] 95%");
    }

    [Fact]
    public void Group_below_the_limit_differs_in_shape_and_says_so()
    {
        GroupPoint[] groups = [new("a", 0.71, 0.66, 0.76), new("b", 0.93, 0.88, 0.99), new("c", null, Note: "insufficient data")];
        var root = Charts.AssertSound(GroupIntervalChart.Draw(groups, "Adverse impact ratio", new(0.80, "policy minimum"), Charts.Options));

        Assert.Single(Paths(root), p => p.Attribute("d")!.Value.EndsWith('Z'));
        Assert.Single(root.Descendants(), e => e.Name.LocalName == "circle");
        Assert.Contains("0.80 policy minimum · hollow: below", Texts(root));
        Assert.Contains("0.71  [0.66, 0.76]", Texts(root));
        Assert.Contains("insufficient data", Texts(root));
    }

    [Fact]
    public void Bars_are_sorted_and_what_is_left_out_is_counted()
    {
        var items = Enumerable.Range(0, 40).Select(i => new GroupPoint($"f{i:00}", i / 100.0)).ToList();
        var texts = Texts(Charts.AssertSound(BarChart.Draw(items, "PSI", [], Charts.Options))).ToList();

        Assert.Equal("f39", texts.First(t => t.StartsWith('f')));
        Assert.Equal(BarChart.MaximumBars, texts.Count(t => t.StartsWith('f')));
        Assert.Contains("and 25 more, none above 0.2400", texts);
    }

    [Fact]
    public void Result_gives_the_charts_its_tables_and_measures_have()
    {
        var limits = Samples.Validation().Limits;
        string[] Ids(int evidence) => [.. EvidenceCharts.Of(Samples.Validation().Evidence[evidence].Result, ChartTheme.Screen, limits).Select(c => c.Id)];

        Assert.Equal(["roc"], Ids(0));
        Assert.Equal(["calibration"], Ids(1));
        Assert.Equal(["measure-psi"], Ids(2));
        Assert.Equal(["selection_rates", "measure-adverse_impact_ratio"], Ids(3));
        Assert.Equal(["measure-importance_auc"], Ids(4));
        Assert.Empty(Ids(5));
        Assert.Equal(["measure-noise_decay"], Ids(6));
    }

    [Fact]
    public void Rates_are_read_with_the_interval_of_their_own_column()
    {
        var table = new Table("group_rates", "T",
            [new("attribute", "a", "text"), new("group", "g", "text"), new("reference", "r", "text"), new("tpr", "t"), new("tpr_lower", "l"), new("tpr_upper", "u"), new("lower", "x"), new("count", "n")],
            [["sex", "male", "yes", 0.7, 0.6, 0.8, 0.1, 50.0], ["sex", "female", "", 0.5, 0.4, 0.6, 0.1, 40.0]]);

        Assert.Equal([new("sex=male (reference)", 0.7, 0.6, 0.8, 50), new("sex=female", 0.5, 0.4, 0.6, 40)], GroupPoint.FromTable(table, "tpr"));
    }

    [Fact]
    public void Whiskers_of_calibration_are_those_of_the_observed_rate_not_the_edges_of_the_bin()
    {
        var table = new Table("calibration", "T",
            [new("lower", "l"), new("upper", "u"), new("mean_score", "m"), new("fraction_positive", "f"), new("fraction_lower", "fl"), new("fraction_upper", "fu")],
            [[0.0, 0.5, 0.2, 0.3, 0.25, 0.4]]);
        var root = Charts.AssertSound(CalibrationChart.Draw(table, Charts.Options));

        var whisker = root.Descendants().Single(e => e.Name.LocalName == "line" && e.Attribute("stroke-width")!.Value == "1.25" && e.Attribute("x1")!.Value == e.Attribute("x2")!.Value);
        Assert.Equal((394 - (0.25 * 380)).ToString(CultureInfo.InvariantCulture), whisker.Attribute("y1")!.Value);
        Assert.Equal((394 - (0.4 * 380)).ToString(CultureInfo.InvariantCulture), whisker.Attribute("y2")!.Value);
    }

    [Fact]
    public void Screen_charts_take_colours_from_the_page_and_print_charts_bring_their_own()
    {
        GroupPoint[] groups = [new("a", 0.71, 0.66, 0.76)];
        var screen = GroupIntervalChart.Draw(groups, "axis", null, Charts.Options);
        var print = GroupIntervalChart.Draw(groups, "axis", null, Charts.Options with { Theme = ChartTheme.Print });

        Assert.Contains("currentColor", screen, StringComparison.Ordinal);
        Assert.Contains("var(--chart-primary", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("font-family", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("var(", print, StringComparison.Ordinal);
        Assert.DoesNotContain("currentColor", print, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Text"), InlineData("Muted"), InlineData("Primary"), InlineData("Secondary"), InlineData("Limit")]
    public void Print_colours_have_contrast_of_text_on_white(string name)
    {
        var colour = (string)typeof(ChartTheme).GetProperty(name)!.GetValue(ChartTheme.Print)!;

        Assert.True(Contrast(colour) >= 4.5, $"{name} {colour}: {Contrast(colour):0.00}");
    }

    [Fact]
    public void Data_table_has_every_number_and_escapes_every_text()
    {
        var html = ChartData.ToHtml(new Table("t", "A & B", [new("g", "<Group>", "text"), new("v", "Value", "percent")], [["<script>", 0.741], ["b", Nothing]]));

        var table = XElement.Parse(html);
        Assert.Equal("A & B", table.Element("caption")!.Value);
        Assert.Equal(["<script>", "74.1%", "b", "–"], table.Descendants("td").Select(t => t.Value));
    }

    [Theory]
    [InlineData(0.0, 1.0), InlineData(0.61, 0.99), InlineData(-3.0, 7.0), InlineData(0.0004, 0.0005), InlineData(1e6, 9e6), InlineData(5.0, 5.0)]
    public void Ticks_are_round_numbers_around_the_data(double low, double high)
    {
        var scale = Scale.Nice([low, high], 0, 100);

        Assert.InRange(scale.Ticks.Count, 2, 12);
        Assert.True(scale.Ticks[0] <= low && scale.Ticks[^1] >= high);
        var step = scale.Ticks[1] - scale.Ticks[0];
        var leading = step.ToString("E4", CultureInfo.InvariantCulture)[0];
        Assert.Contains(leading, "125");
        Assert.Equal(scale.Ticks.Count, scale.Ticks.Select(scale.Label).Distinct().Count());
    }

    private static IEnumerable<XElement> Paths(XElement root) => root.Descendants().Where(e => e.Name.LocalName == "path");

    private static IEnumerable<string> Texts(XElement root) => root.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value);

    /// <summary>WCAG 2.2 contrast ratio against white.</summary>
    private static double Contrast(string hex)
    {
        var channels = Convert.FromHexString(hex[1..]).Select(b => b / 255.0).Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return 1.05 / ((0.2126 * channels[0]) + (0.7152 * channels[1]) + (0.0722 * channels[2]) + 0.05);
    }
}
