using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Governance.Reports.Html;

namespace Governance.Reports.Tests;

public sealed class MarkupTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("a & \"b\" 'c'", "a &amp; &quot;b&quot; &#39;c&#39;")]
    [InlineData("x\u202Egpj.exe", "x\uFFFDgpj.exe")]
    [InlineData("bell\a nul\0", "bell\uFFFD nul\uFFFD")]
    [InlineData("ratio 😀 ≥", "ratio 😀 ≥")]
    public void Markup_and_deceit_are_neutralised(string text, string expected) => Assert.Equal(expected, Markup.Escape(text));

    [Fact]
    public void Unpaired_surrogate_becomes_the_replacement_character() =>
        Assert.Equal("a\uFFFDb", Markup.Escape("a" + (char)0xD800 + "b"));

    [Fact]
    public void Any_text_survives_as_content_and_as_attribute() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        var element = XElement.Parse($"<a b=\"{Markup.Escape(text)}\">{Markup.Escape(text)}</a>", LoadOptions.PreserveWhitespace);
        Assert.Equal(Markup.Escape(text), Markup.Escape(element.Value));
        Assert.Empty(element.Elements());
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("E3", "E3"), InlineData("a b\"c", "a-b-c"), InlineData("é", "-")]
    public void Identifiers_hold_only_what_ids_may(string text, string expected) => Assert.Equal(expected, Markup.Identifier(text));
}
