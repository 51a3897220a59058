using Governance.Core.Evidence;
using Governance.Reports.Validation.Sections;

namespace Governance.Reports.Tests;

public sealed class MeasureTableTests
{
    [Fact]
    public void Select_FewMeasures_AllInOrder()
    {
        Measure[] measures = [Of("auc"), Of("rate", "sex=f"), Of("rate", "sex=m"), Of("gap")];

        var (printed, leftOut) = Select(measures);

        Assert.Equal(measures, printed);
        Assert.Equal(0, leftOut);
    }

    [Fact]
    public void Select_ManyGroups_WholesAndTheNamesThatFit()
    {
        Measure[] measures =
        [
            Of("worst"), .. Groups("psi", 20), .. Groups("drift", 40), .. Groups("missing", 5), .. Groups("few", 3), Of("count"),
        ];

        var (printed, leftOut) = Select(measures);

        Assert.Equal(["worst", .. Enumerable.Repeat("psi", 20), "few", "few", "few", "count"], printed.Select(m => m.Name));
        Assert.Equal(measures.Length - printed.Length, leftOut);
        Assert.True(printed.Length <= MeasureTable.MaximumRows);
    }

    [Fact]
    public void Select_LaterNameThatFits_IsNotLostToAnEarlierOneThatDoesNot()
    {
        var (printed, leftOut) = Select([.. Groups("drift", 26), .. Groups("spread", 2)]);

        Assert.Equal(["spread", "spread"], printed.Select(m => m.Name));
        Assert.Equal(26, leftOut);
    }

    private static (Measure[] Printed, int LeftOut) Select(Measure[] measures)
    {
        var (printed, leftOut) = MeasureTable.Select(measures);
        return ([.. printed], leftOut);
    }

    private static IEnumerable<Measure> Groups(string name, int count) => Enumerable.Range(0, count).Select(i => Of(name, $"feature=f{i}"));

    private static Measure Of(string name, string? group = null) => new() { Name = name, Group = group, Value = 1 };
}
