using Governance.Data.Cases;
using Governance.Testing;

namespace Governance.Data.Tests.Cases;

[Trait("Category", SharedMaterial.Conformance)]
public sealed class ReferenceCaseTests
{
    public static TheoryData<string> Cases() => [.. SharedMaterial.CaseFolders().Select(f => Path.GetFileName(f)).DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Load_EveryCase_HasTheRowsGroupsAndDigestsOfItsDescription(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Path.Combine(SharedMaterial.Root, "cases", name);
        using var description = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "case.json"), cancellationToken));
        var root = description.RootElement;

        var loaded = await ReferenceCase.LoadAsync(folder, cancellationToken);

        Assert.Equal(root.GetProperty("rows").GetProperty("train").GetInt32(), loaded.Train.RowCount);
        Assert.Equal(root.GetProperty("rows").GetProperty("test").GetInt32(), loaded.Test.RowCount);
        Assert.Equal(root.GetProperty("files").GetProperty("train.csv").GetProperty("sha256").GetString(), loaded.TrainDigest.Hex);
        Assert.Equal(root.GetProperty("files").GetProperty("test.csv").GetProperty("sha256").GetString(), loaded.TestDigest.Hex);
        foreach (var group in root.GetProperty("groups").EnumerateObject())
        {
            var levels = ((CategoryColumn)loaded.Train[group.Name]).Levels.Union(((CategoryColumn)loaded.Test[group.Name]).Levels);
            Assert.Equal(group.Value.EnumerateArray().Select(l => l.GetString()!).Order(StringComparer.Ordinal), levels.Order(StringComparer.Ordinal));
            Assert.Contains(loaded.ReferenceGroups[group.Name], levels);
        }
    }

    [Fact]
    public async Task Load_NotACase_SaysWhatIsMissing()
    {
        using var folder = new TempFolder();

        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => ReferenceCase.LoadAsync(folder.Path, TestContext.Current.CancellationToken));

        Assert.Contains("case.json", fault.Message, StringComparison.Ordinal);
    }
}
