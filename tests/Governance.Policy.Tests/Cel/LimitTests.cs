using Governance.Policy.Cel;

namespace Governance.Policy.Tests.Cel;

/// <summary>Every limit is reached with a typed error that names it; nothing absorbs one.</summary>
public sealed class LimitTests
{
    private static readonly CelEnvironment Environment = new([], new CelLimits { Cost = 100_000 });

    [Theory]
    [InlineData("[1,2,3,4,5,6,7,8,9,10]", 10)]
    [InlineData("'0123456789'", 60)]
    public void Evaluate_Doubling_StopsAtTheCostLimit(string seed, int times)
    {
        var source = Enumerable.Range(0, times).Aggregate($"size(x{times})", (body, i) => $"cel.bind(x{times - i}, x{times - i - 1} + x{times - i - 1}, {body})");
        AssertLimit($"cel.bind(x0, {seed}, {source}) > 0 || true", nameof(CelLimits.Cost), times < 20);
    }

    [Theory]
    [InlineData("[[0,1,2,3,4,5,6,7,8,9].map(a, [0,1,2,3,4,5,6,7,8,9].map(b, [0,1,2,3,4,5,6,7,8,9].map(c, [0,1,2,3,4,5,6,7,8,9].map(d, [0,1,2,3,4,5,6,7,8,9].map(e, a)))))] == [] || true")]
    [InlineData("cel.bind(a, ['xxxxxxxxxxxxxxxx', 'x'], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d], cel.bind(f, [e,e,e,e,e,e,e,e], f == f)))))) || true")]
    [InlineData("cel.bind(a, [0,0,0,0,0,0,0,0], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d], '%s'.format([[e,e,e,e]]) == ''))))) || true")]
    [InlineData("cel.bind(s, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', cel.bind(t, s.replace('', s), cel.bind(u, t.replace('', t), u.replace('', u) == ''))) || true")]
    public void Evaluate_Explosion_StopsAtTheCostLimitAndNothingAbsorbsIt(string source) => AssertLimit(source, nameof(CelLimits.Cost), mayPass: false);

    [Theory]
    [InlineData("(", ")", nameof(CelLimits.NestingDepth))]
    [InlineData("[", "]", nameof(CelLimits.NestingDepth))]
    [InlineData("!", "", nameof(CelLimits.NestingDepth))]
    [InlineData("size([", "])", nameof(CelLimits.NestingDepth))]
    [InlineData("true ? 1 : ", "", nameof(CelLimits.NestingDepth))]
    [InlineData("1 + ", "", nameof(CelLimits.NestingDepth))]
    public void Compile_DeepSource_IsRefusedByName(string open, string close, string limit)
    {
        var source = string.Concat(Enumerable.Repeat(open, 3_000)) + "true" + string.Concat(Enumerable.Repeat(close, 3_000));
        Assert.Contains(limit, Environment.Compile(source).Issues[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_LongSource_IsRefusedByName() =>
        Assert.Contains(nameof(CelLimits.ExpressionSize), Environment.Compile(new string(' ', 100_001)).Issues[0].Message, StringComparison.Ordinal);

    [Fact]
    public void Evaluate_Cancelled_Throws()
    {
        var program = Environment.Compile("[0,1,2,3,4,5,6,7,8,9].map(a, [0,1,2,3,4,5,6,7,8,9].map(b, [0,1,2,3,4,5,6,7,8,9].map(c, c))) == []").Require();
        Assert.Throws<OperationCanceledException>(() => program.Evaluate(new CelActivation(Environment), new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Evaluate_AfterALimit_TheActivationWorksAgain()
    {
        var activation = new CelActivation(Environment);
        var heavy = Environment.Compile("[0,1,2,3,4,5,6,7,8,9].map(a, [0,1,2,3,4,5,6,7,8,9].map(b, [0,1,2,3,4,5,6,7,8,9].map(c, [0,1,2,3,4,5,6,7,8,9].map(d, [0,1,2,3,4,5,6,7,8,9].map(e, e))))) == []").Require();
        Assert.Equal(CelErrorCode.LimitExceeded, heavy.Evaluate(activation, TestContext.Current.CancellationToken).AsError.Code);
        Assert.True(Environment.Compile("[1, 2].map(x, x + 1) == [2, 3]").Require().Evaluate(activation, TestContext.Current.CancellationToken).AsBool);
    }

    private static void AssertLimit(string source, string limit, bool mayPass)
    {
        var result = Environment.Compile(source).Require().Evaluate(new CelActivation(Environment), TestContext.Current.CancellationToken);
        Assert.True(mayPass || result.IsError, $"gave {result.Kind}");
        if (result.IsError)
        {
            Assert.Equal(CelErrorCode.LimitExceeded, result.AsError.Code);
            Assert.Contains(limit, result.AsError.Message, StringComparison.Ordinal);
        }
    }
}
