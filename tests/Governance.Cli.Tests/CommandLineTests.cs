using System.CommandLine;
using System.Text.RegularExpressions;
using Governance.Cli.Shell;

namespace Governance.Cli.Tests;

public sealed partial class CommandLineTests
{
    public static TheoryData<string> Leaves => [.. Walk(Root(), "").Where(c => c.Command.Subcommands.Count == 0).Select(c => c.Path)];

    public static TheoryData<string> Groups => [.. Walk(Root(), "").Where(c => c.Command.Subcommands.Count > 0).Select(c => c.Path)];

    [Theory]
    [MemberData(nameof(Leaves))]
    public async Task Help_OfEveryCommand_HasExamplesThatParse(string path)
    {
        var help = await Gov.RunAsync([.. path.Split(' '), "--help"]);

        Assert.Equal(ExitCodes.Ok, help.ExitCode);
        Assert.Contains("Usage:", help.Out, StringComparison.Ordinal);
        var examples = help.Out[help.Out.IndexOf("Examples:", StringComparison.Ordinal)..];
        Assert.Contains("gov " + path, examples, StringComparison.Ordinal);
        foreach (Match example in Example().Matches(examples))
        {
            var parsed = Root().Parse(example.Groups[1].Value);
            Assert.True(parsed.Errors.Count == 0, $"{example.Value}: {string.Join(' ', parsed.Errors)}");
        }
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task Group_WithoutACommand_IsAUsageError(string path)
    {
        var run = await Gov.RunAsync(path.Split(' '));

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains($"gov {path} --help", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Nothing_ShowsHelp()
    {
        var run = await Gov.RunAsync();

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        foreach (var (code, meaning) in ExitCodes.All)
        {
            Assert.Matches($@"{code}\s+{Regex.Escape(meaning)}", run.Out);
        }
    }

    [Theory]
    [InlineData("model regster", "regster")]
    [InlineData("model show", "'show'")]
    [InlineData("model register x --name a --use b --owner c --tier 7", "--tier is 1, 2 or 3")]
    [InlineData("model register x --name a --use b --owner c --tier 1 --automation alone", "assisted, sole")]
    [InlineData("model list --page-size 500", "--page-size is 1 to 200")]
    [InlineData("model list --as-of yesterday", "--as-of")]
    [InlineData("version show loans two", "two")]
    [InlineData("version sign-off loans 1 --role king --meaning approved --comment c --binding b", "king")]
    [InlineData("erasure request --subject s --ground because", "because")]
    [InlineData("whoami --nonsense", "--nonsense")]
    public async Task WrongUse_IsTwo_OneLineAndAHint(string command, string named)
    {
        var run = await Gov.RunAsync(command.Split(' '));

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Error.Trim().Split('\n').Length);
    }

    [Theory]
    [InlineData("whoami --as dana --token t")]
    [InlineData("whoami --url nowhere")]
    [InlineData("whoami --url file:///etc")]
    [InlineData("whoami --url http://user:secret@localhost/")]
    [InlineData("version sign-off loans 1 --role validator --meaning approved --comment c --binding b")]
    [InlineData("report create --kind validation --model m")]
    [InlineData("report create --kind erasure --model m")]
    [InlineData("demo --run-id ../x")]
    public async Task WrongValues_FoundByTheCommand_AreTwoToo(string command)
    {
        var run = await Gov.RunAsync(command.Split(' '));

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version submit m missing.onnx --description d --training a --evaluation b --threshold 0.5 --favourable 0 --as dana")]
    [InlineData("infer m --input missing.json")]
    [InlineData("checks run --case missing")]
    [InlineData("checks describe no.such")]
    [InlineData("policy lint missing")]
    [InlineData("ledger fsck missing")]
    [InlineData("demo --case missing --run-id missing --out /proc/none")]
    public async Task MissingFiles_AreNamed(string command)
    {
        var run = await Gov.RunAsync(command.Split(' '));

        Assert.Contains(run.ExitCode, new[] { ExitCodes.NotFound, ExitCodes.Unexpected });
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UsageError_WithJson_IsAProblemDocument()
    {
        var run = await Gov.RunAsync("model", "show", "--json");

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Equal("cli", run.Json.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Version_IsPrinted()
    {
        var run = await Gov.RunAsync("--version");

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Matches(@"^\d+\.\d+", run.Out);
    }

    private static RootCommand Root() => GovCommandLine.Create(new CommandFactory(
        new GlobalOptions(), new Terminal { In = TextReader.Null, Out = TextWriter.Null, Error = TextWriter.Null }));

    private static IEnumerable<(Command Command, string Path)> Walk(Command command, string path) =>
        command.Subcommands.SelectMany(c => Walk(c, $"{path} {c.Name}".Trim()).Prepend((c, $"{path} {c.Name}".Trim())));

    /// <summary>What follows <c>gov</c>, up to a pipe or redirection.</summary>
    [GeneratedRegex("gov ([^|>\n]+)")]
    private static partial Regex Example();
}
