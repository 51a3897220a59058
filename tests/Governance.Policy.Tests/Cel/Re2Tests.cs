using Governance.Policy.Cel;

namespace Governance.Policy.Tests.Cel;

/// <summary>RE2 syntax and semantics where they differ from the platform's.</summary>
public sealed class Re2Tests
{
    private static readonly CelEnvironment Environment = new(new Dictionary<string, CelType> { ["text"] = CelType.String, ["pattern"] = CelType.String });

    [Theory]
    [InlineData("٣", @"^\d$", false)]
    [InlineData("3", @"^\d$", true)]
    [InlineData("é", @"^\w$", false)]
    [InlineData("a\n", "^a$", false)]
    [InlineData("a\nb", "(?m)^b$", true)]
    [InlineData("a\nb", "a.b", false)]
    [InlineData("a\nb", "(?s)a.b", true)]
    [InlineData("😀", "^.$", true)]
    [InlineData("😀😀", "^😀{2}$", true)]
    [InlineData("😀", "^[😀-😂]$", true)]
    [InlineData("😀", "^[^a]$", true)]
    [InlineData("aB", "(?i)AB", true)]
    [InlineData("aB", "(?i:a)b", false)]
    [InlineData("a.b", @"^\Qa.b\E$", true)]
    [InlineData("x1", "^[[:alpha:]][[:digit:]]$", true)]
    [InlineData("Ä", @"^\pL$", true)]
    [InlineData("ab", "^(?P<first>a)b$", true)]
    [InlineData("a", @"^\x61$", true)]
    [InlineData("]", "^[]]$", true)]
    [InlineData("a-", "^[a-]+$", true)]
    public void Matches_AsRe2(string text, string pattern, bool expected) => Assert.Equal(expected, Matches(text, pattern).AsBool);

    [Theory]
    [InlineData(@"(a)\1")]
    [InlineData("a(?=b)")]
    [InlineData("(?<!a)b")]
    [InlineData("(?>a)")]
    [InlineData("a++")]
    [InlineData("*a")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("a{1001}")]
    [InlineData("[z-a]")]
    [InlineData(@"\y")]
    public void Matches_NotRe2_IsATypedError(string pattern) => Assert.Equal(CelErrorCode.InvalidArgument, Matches("a", pattern).AsError.Code);

    [Fact]
    public void Matches_CatastrophicForBacktracking_IsLinear() => Assert.False(Matches(new string('a', 20_000) + "b", "^(a+)+$").AsBool);

    private static CelValue Matches(string text, string pattern) =>
        Environment.Compile("text.matches(pattern)").Require()
            .Evaluate(new CelActivation(Environment).Set("text", CelValue.Of(text)).Set("pattern", CelValue.Of(pattern)), TestContext.Current.CancellationToken);
}
