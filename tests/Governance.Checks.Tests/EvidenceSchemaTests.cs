using Governance.Checks.Tests.Support;
using Governance.Policy.Gates;

namespace Governance.Checks.Tests;

/// <summary>What rules may name (evidence.yaml) is what checks report: neither a check nor a measure is missing there, and none is invented.</summary>
public sealed class EvidenceSchemaTests
{
    [Fact]
    public void EveryCheck_IsListed_AndNoOther() =>
        Assert.Equal(CheckCatalogue.All.Select(c => c.Descriptor.Id).Order(StringComparer.Ordinal), BuiltInEvidence.Checks.Keys.Order(StringComparer.Ordinal));

    public static TheoryData<string> Ids => [.. CheckCatalogue.All.Select(c => c.Descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void MeasuresOfACheck_AreThoseListed(string id)
    {
        var check = CheckCatalogue.Find(id)!;
        var reported = new SortedSet<string>(StringComparer.Ordinal);
        var inputs = new[] { Inputs.Portfolio(11, 1_500, 900, dirty: true), Inputs.Portfolio(12, 240, 150, dirty: false) }.Concat(BadInputs.All().Select(b => b.Input));
        foreach (var input in inputs.Where(i => check.WhyNotApplicable(i) is null))
        {
            reported.UnionWith(Inputs.Run(check, input).Measures.Select(m => m.Name));
        }

        var listed = BuiltInEvidence.Checks.GetValueOrDefault(id) ?? [];
        Assert.True(reported.IsSubsetOf(listed), $"evidence.yaml lacks for {id}: {string.Join(", ", reported.Except(listed))}");
        Assert.True(reported.Count == 0 || reported.IsSupersetOf(listed), $"{id} never reports: {string.Join(", ", listed.Except(reported))}");
    }
}
