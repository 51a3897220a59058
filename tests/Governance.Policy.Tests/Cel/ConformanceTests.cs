using Governance.Testing;

namespace Governance.Policy.Tests.Cel;

/// <summary>The public conformance suite of the language: whatever files are there.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class ConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public void EveryCaseWithoutProtobufMessagesPasses()
    {
        SharedMaterial.SkipUnlessPresent("conformance/cel");
        var (passed, total) = (0, 0);
        var failures = new List<string>();
        var skipped = new List<string>();
        foreach (var test in SharedMaterial.ConformanceFiles("cel").SelectMany(ConformanceCase.Read))
        {
            total++;
            var outcome = Outcome(test);
            if (outcome is null)
            {
                passed++;
            }
            else if (test.NeedsProtobuf)
            {
                skipped.Add($"{test.Name}: needs protobuf messages, which a JSON input does not have ({outcome})");
            }
            else
            {
                failures.Add($"{test.Name}: {test.Source} : {outcome}");
            }
        }

        output.WriteLine($"{passed} passed of {total}; {skipped.Count} skipped; {failures.Count} failed");
        failures.ForEach(output.WriteLine);
        skipped.ForEach(output.WriteLine);
        Assert.True(failures.Count == 0, $"{failures.Count} of {total - skipped.Count} fail:\n" + string.Join('\n', failures.Take(50)));
    }

    private static string? Outcome(ConformanceCase test)
    {
        try
        {
            return test.Run(TestContext.Current.CancellationToken);
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
    }
}
