using FsCheck;
using FsCheck.Fluent;
using Governance.Policy.Cel;

namespace Governance.Policy.Tests.Cel;

/// <summary>Whatever the text: issues or a program; whatever the program: a value or a typed error.</summary>
public sealed class FuzzTests
{
    private static readonly CelEnvironment Environment = new(
        new Dictionary<string, CelType> { ["x"] = CelType.Dyn, ["s"] = CelType.String, ["l"] = CelType.ListOf(CelType.Int), ["m"] = CelType.MapOf(CelType.String, CelType.Dyn) },
        new CelLimits { Cost = 20_000 });

    private static readonly string[] Fragments =
    [
        "x", "s", "l", "m", "1", "-1", "0", "2u", "1.5", "'a'", "b'\\xff'", "true", "null", "[]", "{}", "(", ")", "[", "]", "{", "}", ",", ":", "?", ".", "?.", "[?",
        "&&", "||", "!", "-", "+", "*", "/", "%", "<", ">=", "==", "!=", " in ", ".all(i, ", ".map(i, v, ", ".filter(i, ", ".exists(k, ", "has(", "size(", "string(", "int(",
        "timestamp(", "duration(", ".matches(", ".format([", "'%d %s %.3f'", "math.greatest(", "optional.of(", ".orValue(", "cel.bind(t, ", "i", "t", ".a", "['a']", "9223372036854775807",
        "'2026-01-01T00:00:00Z'", "'1h'", "'(a+)+$'", ".transformMap(k, v, ", ".split('')", ".replace('', s)", "ip('::1')", "\"\"\"", "r'", "\\", "`", "😀", "\n", "//",
    ];

    [Fact]
    public void AnyFragments_NeverThrow()
    {
        var texts = Gen.Elements(Fragments).ListOf().Select(string.Concat);
        Prop.ForAll(texts.ToArbitrary(), Survives).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithStartSize(1).WithEndSize(40));
    }

    [Fact]
    public void AnyText_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => Survives(text ?? "")).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void AnyRegex_NeverThrows()
    {
        var pieces = Gen.Elements("a", "(", ")", "[", "]", "^", "$", "*", "+", "?", "{2}", "{1,3}", "|", "\\", "\\d", "\\pL", "(?i)", "(?P<n>", "(?=", "\\1", "[[:alpha:]]", "[^a-z]", "-", ".", "😀", "\\x{1F600}", "\\Q", "\\E", "]");
        Prop.ForAll(pieces.ListOf().Select(string.Concat).ToArbitrary(), pattern =>
        {
            var activation = new CelActivation(Environment).Set("s", CelValue.Of(pattern));
            var result = Environment.Compile("'aaaa😀'.matches(s)").Require().Evaluate(activation);
            return result.Kind == CelKind.Bool || result.AsError.Code is CelErrorCode.InvalidArgument;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithEndSize(15));
    }

    private static bool Survives(string text)
    {
        foreach (var check in (bool[])[true, false])
        {
            var compiled = Environment.Compile(text, new CelOptions { Check = check, Observe = check });
            if (compiled.Program is not { } program)
            {
                if (compiled.Issues.Count == 0 || compiled.Issues.ToString().Length == 0)
                {
                    return false;
                }

                continue;
            }

            var activation = new CelActivation(Environment) { Observations = [] };
            activation.Set("x", CelValue.Of(1L)).Set("s", CelValue.Of("aé😀")).Set("l", CelValue.ListOf(CelValue.Of(1L), CelValue.Of(2L)));
            var value = program.Evaluate(activation);
            if (value.Kind == CelKind.Absent || value.ToString() is null)
            {
                return false;
            }
        }

        return true;
    }
}
