using Governance.Policy.Cel;

namespace Governance.Policy.Tests.Cel;

/// <summary>Issues say where, what was expected, and what was probably meant.</summary>
public sealed class CompileErrorTests
{
    private static readonly CelEnvironment Environment = new(new Dictionary<string, CelType>
    {
        ["tier"] = CelType.Int,
        ["score"] = CelType.Double,
        ["names"] = CelType.ListOf(CelType.String),
        ["model"] = CelType.Record("model", new Dictionary<string, CelType> { ["owner"] = CelType.String, ["tier"] = CelType.Int }),
    });

    [Theory]
    [InlineData("tier = 1", 1, 6, "equality is written '=='")]
    [InlineData("tier & 1", 1, 6, "'and' is written '&&'")]
    [InlineData("teir == 1", 1, 1, "undeclared reference to 'teir'; did you mean 'tier'?")]
    [InlineData("model.ower == ''", 1, 7, "model has no 'ower'; did you mean 'owner'?")]
    [InlineData("model['ower'] == ''", 1, 7, "did you mean 'owner'?")]
    [InlineData("score == 1", 1, 7, "no matching overload for '==' applied to (double, int); convert one side")]
    [InlineData("score + tier > 1.0", 1, 7, "'+' applied to (double, int)")]
    [InlineData("names.startWith('a')", 1, 6, "undeclared function 'startWith'; did you mean 'startsWith'?")]
    [InlineData("names.all(n, n)", 1, 14, "expected a condition (bool), found string")]
    [InlineData("tier.all(n, true)", 1, 5, "expected a list or a map")]
    [InlineData("(tier == 1", 1, 11, "expected ')' to close the parenthesis, found the end")]
    [InlineData("tier == 1 &&\n  score >", 2, 10, "expected a value")]
    [InlineData("'abc", 1, 1, "the literal is not closed; expected '")]
    [InlineData("9223372036854775808", 1, 1, "does not fit 64 bits")]
    [InlineData("has(tier)", 1, 5, "has() takes a field selection")]
    [InlineData("names.all(a, a, true)", 1, 14, "different names")]
    [InlineData("'\\q'", 1, 2, "unknown escape '\\q'")]
    [InlineData("if == 1", 1, 1, "'if' is a reserved word")]
    public void Compile_WrongSource_PointsAtThePlace(string source, int line, int column, string message)
    {
        var compiled = Environment.Compile(source);
        Assert.Null(compiled.Program);
        var issue = compiled.Issues[0];
        Assert.Contains(message, issue.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (issue.Line, issue.Column));
    }

    /// <summary>Columns and the caret count code points: the emoji is one.</summary>
    [Fact]
    public void Compile_WrongSource_ShowsSourceAndCaret() => Assert.Equal(
        "ERROR: rule.yaml:12:10: undeclared reference to 'teir'; did you mean 'tier'?\n | '😀' == teir\n |        ^",
        Environment.Compile(new CelSource("'😀' == teir", "rule.yaml", 12, 3)).Issues.ToString());

    [Fact]
    public void Compile_ManyFaults_ReportsAllInOrder()
    {
        var issues = Environment.Compile("a + b + c").Issues;
        Assert.Equal([1, 5, 9], issues.Select(i => i.Column));
    }

    [Fact]
    public void Compile_ExpectedType_IsEnforced() =>
        Assert.Contains("expected a result of type bool, found int", Environment.Compile("tier", new CelOptions { ResultType = CelType.Bool }).Issues[0].Message, StringComparison.Ordinal);
}
