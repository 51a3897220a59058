using System.Xml.Linq;
using Governance.Core.Evidence;
using Governance.Reports.Charts;

namespace Governance.Reports.Tests;

/// <summary>Every chart the room draws, as functions of one table of numbers, and what to look for in any of them.</summary>
internal static class Charts
{
    public static readonly ChartOptions Options = new("a chart/1", "Title <b> & \"co\"");

    public static IEnumerable<string> All(IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        Column[] columns = [new("fpr", "a"), new("tpr", "b"), new("lower", "c"), new("upper", "d"), new("count", "e")];
        var roc = new Table("t", "T", columns, rows);
        yield return RocChart.Draw(roc, null, Options);
        yield return RocChart.Draw(roc, Samples.Measure("auc", 0.7), Options);
        Column[] bins = [new("mean_score", "a"), new("fraction_positive", "b"), .. columns[2..]];
        yield return CalibrationChart.Draw(new Table("t", "T", bins, rows), Options);
        var points = GroupPoint.FromTable(roc, "tpr");
        yield return GroupIntervalChart.Draw(points, "axis", null, Options);
        yield return GroupIntervalChart.Draw(points, "axis", new(0.8, "minimum"), Options);
        yield return BarChart.Draw(points, "axis", [], Options);
        yield return BarChart.Draw(points, "axis", [new(0.1, "review"), new(0.25, "block")], Options);
        yield return LineChart.Draw(roc, columns[0], columns[1], Options);
    }

    /// <summary>Well-formed, accessible, inert, and every coordinate a number.</summary>
    public static XElement AssertSound(string svg)
    {
        var root = XElement.Parse(svg);
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(ns + "svg", root.Name);
        Assert.Equal("img", root.Attribute("role")!.Value);
        var named = root.Attribute("aria-labelledby")!.Value.Split(' ');
        Assert.Equal([root.Element(ns + "title")!.Attribute("id")!.Value, root.Element(ns + "desc")!.Attribute("id")!.Value], named);
        Assert.False(string.IsNullOrWhiteSpace(root.Element(ns + "title")!.Value));
        Assert.False(string.IsNullOrWhiteSpace(root.Element(ns + "desc")!.Value));
        Assert.DoesNotContain(root.Descendants(), e => e.Name.LocalName is "script" or "style" or "image" or "use" or "foreignObject" or "a");
        foreach (var attribute in root.DescendantsAndSelf().Attributes())
        {
            Assert.DoesNotContain("NaN", attribute.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", attribute.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", attribute.Value, StringComparison.Ordinal);
            Assert.False(attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || attribute.Name.LocalName == "style");
        }

        return root;
    }
}
