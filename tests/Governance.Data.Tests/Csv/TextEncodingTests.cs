using System.Text;
using Governance.Core;
using Governance.Data.Csv;

namespace Governance.Data.Tests.Csv;

public sealed class TextEncodingTests
{
    private const string Text = "id,sex,label\nA,Mädchen,0\n\"B, Żółć\",m,1\nC,\"€ 5\",1\n";
    private const string Western = "id,sex,label\nA,Mädchen,0\n\"B, É\",m,1\n";

    private static readonly DatasetSchema Schema = new([ColumnSchema.SubjectId("id"), ColumnSchema.Protected("sex"), ColumnSchema.Label("label")]);

    public static TheoryData<string> Marked => ["utf-8", "utf-16", "utf-16BE"];

    [Theory]
    [MemberData(nameof(Marked))]
    public async Task Read_ByItsMark_GivesTheSameTable(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];

        var outcome = await ReadAsync(bytes, null);

        Assert.True(outcome.Succeeded, string.Join(' ', outcome.Faults));
        Assert.Equal(["A", "B, Żółć", "C"], ((TextColumn)outcome.Table["id"]).Values);
        Assert.Equal(["Mädchen", "m", "€ 5"], ((CategoryColumn)outcome.Table["sex"]).Levels);
        Assert.Equal(Digest.Of(bytes), outcome.Digest);
        Assert.Equal(bytes.Length, outcome.Bytes);
    }

    [Theory]
    [InlineData(TextEncoding.Latin1, 28591)]
    [InlineData(TextEncoding.Windows1252, 1252)]
    public async Task Read_Declared_GivesTheText(TextEncoding declared, int codePage)
    {
        var bytes = CodePagesEncodingProvider.Instance.GetEncoding(codePage)?.GetBytes(Western) ?? Encoding.Latin1.GetBytes(Western);

        var outcome = await ReadAsync(bytes, declared);

        Assert.True(outcome.Succeeded, string.Join(' ', outcome.Faults));
        Assert.Equal(["A", "B, É"], ((TextColumn)outcome.Table["id"]).Values);
        Assert.Contains("Mädchen", ((CategoryColumn)outcome.Table["sex"]).Levels);
        Assert.Equal(Digest.Of(bytes), outcome.Digest);
    }

    [Fact]
    public async Task Read_EuroSign_IsThatOfTheDeclaredPage()
    {
        byte[] bytes = [.. "id,sex,label\nA,"u8, 0x80, .. ",0\nB,m,1\n"u8];

        Assert.Contains("€", ((CategoryColumn)(await ReadAsync(bytes, TextEncoding.Windows1252)).Table!["sex"]).Levels);
        Assert.Contains("\u0080", ((CategoryColumn)(await ReadAsync(bytes, TextEncoding.Latin1)).Table!["sex"]).Levels);
        var fault = Assert.Single((await ReadAsync(bytes, null)).Faults);
        Assert.Equal((CsvFaultKind.Encoding, 2L), (fault.Kind, fault.Line!.Value));
        Assert.Contains("windows1252", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_MarkAgainstDeclaration_IsRefused()
    {
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode })
        {
            var outcome = await ReadAsync([.. encoding.GetPreamble(), .. encoding.GetBytes(Western)], TextEncoding.Latin1);
            Assert.Equal(CsvFaultKind.Encoding, Assert.Single(outcome.Faults).Kind);
        }
    }

    [Fact]
    public async Task Read_BrokenUtf16_IsRefused()
    {
        byte[] bytes = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("id,sex,label\nA,"), 0x00, 0xD8, .. Encoding.Unicode.GetBytes(",0\n")];

        Assert.Equal(CsvFaultKind.Encoding, Assert.Single((await ReadAsync(bytes, null)).Faults).Kind);
        Assert.Equal(CsvFaultKind.Encoding, Assert.Single((await ReadAsync([.. bytes[..^9]], null)).Faults).Kind);
    }

    [Fact]
    public void Schema_WithoutEncoding_KeepsItsBytes()
    {
        Assert.DoesNotContain("encoding", Encoding.UTF8.GetString(GovernanceJson.Serialize(Schema)), StringComparison.Ordinal);
        var declared = Schema with { Encoding = TextEncoding.Windows1252 };
        Assert.Contains("\"encoding\":\"windows1252\"", Encoding.UTF8.GetString(GovernanceJson.Serialize(declared)), StringComparison.Ordinal);
        Assert.Equal(TextEncoding.Windows1252, GovernanceJson.Deserialize<DatasetSchema>(GovernanceJson.Serialize(declared)).Encoding);
    }

    private static async Task<CsvOutcome> ReadAsync(byte[] bytes, TextEncoding? encoding)
    {
        using var stream = new MemoryStream(bytes);
        return await CsvTableReader.ReadAsync(stream, Schema with { Encoding = encoding }, CsvLimits.Default, TestContext.Current.CancellationToken);
    }
}
