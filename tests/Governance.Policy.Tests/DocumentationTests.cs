using System.Text.RegularExpressions;
using Governance.Policy.Cel;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Testing;
using Governance.Testing;

namespace Governance.Policy.Tests;

/// <summary>Runs every code block of docs/policy.md.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(SharedMaterial.RepositoryRoot, "docs", "policy.md"));

    [Fact]
    public void ThePackOnThePage_LoadsAndPassesItsTests()
    {
        using var folder = new TempFolder();
        foreach (var (attributes, text) in Blocks("yaml"))
        {
            var path = Path.Combine(folder.Path, attributes["file"]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        var pack = PolicyPack.Load(folder.Path).Require();
        var report = PolicyTestRunner.Run(pack, folder.File("tests"), TestContext.Current.CancellationToken);
        Assert.Equal(3, report.Results.Count);
        Assert.All(report.Results, r => Assert.Empty(r.Faults));
    }

    [Fact]
    public void TheErrorsOnThePage_AreTheErrorsShown()
    {
        var files = Blocks("yaml").Where(b => !b.Attributes["file"].Contains('/', StringComparison.Ordinal)).ToDictionary(b => b.Attributes["file"], b => b.Text, StringComparer.Ordinal);
        foreach (var (attributes, text) in Blocks("text"))
        {
            var broken = new Dictionary<string, string>(files, StringComparer.Ordinal);
            broken[attributes["error"]] = broken[attributes["error"]].Replace(attributes["replace"], attributes["with"], StringComparison.Ordinal);
            Assert.Equal(text.TrimEnd(), PolicyPack.Parse(broken).Issues.ToString());
        }
    }

    [Fact]
    public void TheExpressionsOnThePage_GiveWhatThePageSays()
    {
        var environment = new CelEnvironment([]);
        var lines = Blocks("cel").SelectMany(b => b.Text.Split('\n')).Where(l => l.Length > 0).ToList();
        Assert.NotEmpty(lines);
        foreach (var line in lines)
        {
            var parts = line.Split("// → ");
            var result = environment.Compile(line).Require().Evaluate(new CelActivation(environment), TestContext.Current.CancellationToken);
            Assert.Equal(parts[1].Trim(), result.ToString());
        }
    }

    [Fact]
    public void EveryInputName_IsOnThePage()
    {
        var rows = Page.Split('\n').SkipWhile(l => l != "## What a rule may read").ToList();
        foreach (var (name, type) in GateSchema.Variables(new Dictionary<string, IReadOnlyList<string>>()))
        {
            var record = type.Kind == CelTypeKind.List ? type.Parameters[0] : type;
            var row = Assert.Single(rows, l => l.StartsWith($"| `{name}` |", StringComparison.Ordinal));
            Assert.All(record.Fields.Keys, field => Assert.Contains($"`{field}`", row, StringComparison.Ordinal));
        }
    }

    private static List<(Dictionary<string, string> Attributes, string Text)> Blocks(string language) =>
        [.. Fence().Matches(Page).Where(m => m.Groups["language"].Value == language).Select(m => (
            m.Groups["info"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1], StringComparer.Ordinal),
            m.Groups["text"].Value))];

    [GeneratedRegex(@"^```(?<language>[a-z]+)(?<info>[^\n]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();
}
