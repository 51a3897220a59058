using System.Text;
using Governance.Core;
using Governance.Data.Csv;
using Governance.Testing;

namespace Governance.Data.Tests.Csv;

public sealed class CsvTableReaderTests
{
    private static readonly DatasetSchema Schema = new(
    [
        ColumnSchema.SubjectId("id"),
        ColumnSchema.Feature("income"),
        ColumnSchema.Feature("debt", MissingPolicy.Keep),
        ColumnSchema.Protected("sex", MissingPolicy.Keep),
        ColumnSchema.Label("label"),
    ]);

    [Fact]
    public async Task Read_GoodFile_GivesTypedColumnsAndTheDigestOfItsBytes()
    {
        const string Text = "id,income,debt,sex,label\nA,1000.5,0.25,male,0\r\nB,-2e3,,female,1\n\"C, \"\"x\"\"\",3,4,,0";

        var outcome = await ReadAsync(Text);

        Assert.True(outcome.Succeeded, string.Join(' ', outcome.Faults));
        Assert.Equal(Digest.Of(Encoding.UTF8.GetBytes(Text)), outcome.Digest);
        Assert.Equal(["A", "B", "C, \"x\""], ((TextColumn)outcome.Table["id"]).Values);
        Assert.Equal([1000.5f, -2000f, 3f], ((Float32Column)outcome.Table["income"]).Values.ToArray());
        Assert.Equal([0.25f, float.NaN, 4f], ((Float32Column)outcome.Table["debt"]).Values.ToArray());
        Assert.Equal([1, 0, -1], ((CategoryColumn)outcome.Table["sex"]).Codes.ToArray());
        Assert.Equal(["female", "male"], ((CategoryColumn)outcome.Table["sex"]).Levels);
        Assert.Equal([0.0, 1.0, 0.0], ((Float64Column)outcome.Table["label"]).Values.ToArray());
    }

    [Fact]
    public async Task Read_ByteOrderMarkAndOtherColumnOrder_AreFine()
    {
        var outcome = await ReadAsync("\uFEFFlabel,sex,debt,income,id\n1,male,2,3,A\n");

        Assert.True(outcome.Succeeded, string.Join(' ', outcome.Faults));
        Assert.Equal(Schema.Columns.Select(c => c.Name), outcome.Table.Columns.Select(c => c.Name));
    }

    /// <summary>How many rows there will be is reckoned from the first sixteen thousand; what is read does not depend on how well.</summary>
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 60, true)]
    [InlineData(60, 1, true)]
    [InlineData(1, 1, false)]
    public async Task Read_LongFile_KeepsEveryRow(int early, int late, bool saysItsLength)
    {
        const int Rows = 50_000;
        var text = new StringBuilder("id,income,debt,sex,label\n");
        for (var row = 0; row < Rows; row++)
        {
            text.Append('S').Append(row).Append(new string('x', row < Rows / 2 ? early : late)).Append(',').Append(row).Append(".5,").Append(row % 7 == 0 ? "" : "2")
                .Append(row % 2 == 0 ? ",male," : ",female,").Append(row % 3 == 0 ? "1\n" : "0\n");
        }

        using var source = new Source(Encoding.UTF8.GetBytes(text.ToString()), saysItsLength);
        var outcome = await CsvTableReader.ReadAsync(source, Schema, CsvLimits.Default, TestContext.Current.CancellationToken);

        Assert.True(outcome.Succeeded, string.Join(' ', outcome.Faults));
        Assert.Equal(Rows, outcome.Table.RowCount);
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => r + 0.5f), ((Float32Column)outcome.Table["income"]).Values.ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => r % 7 == 0 ? float.NaN : 2), ((Float32Column)outcome.Table["debt"]).Values.ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => r % 2 == 0 ? 1 : 0), ((CategoryColumn)outcome.Table["sex"]).Codes.ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => r % 3 == 0 ? 1.0 : 0), ((Float64Column)outcome.Table["label"]).Values.ToArray());
        Assert.All(((TextColumn)outcome.Table["id"]).Values.Index(), v => Assert.StartsWith($"S{v.Index}x", v.Item, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_ManyFaults_ReportsThemAllAtOnceWithoutAnyCell()
    {
        var outcome = await ReadAsync("id,income,colour,sex\nSECRET,12x,red,male\nSECRET,,red,male\nB,NaN,red,male\nC,1,red\nD,1e99,red,male\n");

        Assert.False(outcome.Succeeded);
        Assert.Equal(
            [
                (CsvFaultKind.UnknownColumn, 1), (CsvFaultKind.MissingColumn, 1), (CsvFaultKind.MissingColumn, 1), (CsvFaultKind.Value, 2),
                (CsvFaultKind.MissingValue, 3), (CsvFaultKind.Value, 4), (CsvFaultKind.FieldCount, 5), (CsvFaultKind.Value, 6), (CsvFaultKind.DuplicateSubject, 3),
            ],
            outcome.Faults.Select(f => (f.Kind, f.Line)).Select(f => (f.Kind, (int)f.Line!)));
        Assert.Contains(outcome.Faults, f => f.Message.Contains("The label column 'label' is declared but not in the file", StringComparison.Ordinal));
        Assert.All(outcome.Faults, f => Assert.DoesNotContain("SECRET", f.Message, StringComparison.Ordinal));
        Assert.All(outcome.Faults, f => Assert.DoesNotContain("12x", f.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0.5")]
    [InlineData("-1")]
    [InlineData("yes")]
    [InlineData("")]
    public async Task Read_LabelOtherThanZeroOrOne_IsRefusedByLine(string label)
    {
        var fault = Assert.Single((await ReadAsync($"id,income,debt,sex,label\nA,1,1,m,0\nB,1,1,m,{label}\n")).Faults);

        Assert.Equal((3L, "label"), (fault.Line!.Value, fault.Column));
    }

    [Fact]
    public async Task Read_RepeatedSubjects_ShowsTheFirstLinesOnly()
    {
        var text = new StringBuilder("id,income,debt,sex,label\n");
        for (var i = 0; i < 20; i++)
        {
            text.Append("P1,1,1,m,0\n");
        }

        var fault = Assert.Single((await ReadAsync(text.ToString())).Faults);

        Assert.Contains("19 repeat an earlier one: line 3, 4, 5, 6, 7, …", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("P1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BytesThatAreNotUtf8_AreRefusedByLine()
    {
        byte[] bytes = [.. "id,income,debt,sex,label\nA,1,1,m,0\nB,1,1,"u8, 0xE9, .. ",1\n"u8];

        var fault = Assert.Single((await ReadAsync(bytes)).Faults);

        Assert.Equal((CsvFaultKind.Encoding, 3L), (fault.Kind, fault.Line!.Value));
        Assert.Contains("UTF-8", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A,1,1,m\"x,0\n", 3)]
    [InlineData("A,1,1,\"m\"x,0\n", 3)]
    [InlineData("A,1,1,\"m,0\n", 3)]
    public async Task Read_QuotingFault_NamesTheLineOfTheRecord(string record, int line)
    {
        var fault = Assert.Single((await ReadAsync("id,income,debt,sex,label\n\"Z\",1,1,m,0\n" + record)).Faults);

        Assert.Equal((CsvFaultKind.Quoting, line), (fault.Kind, (int)fault.Line!));
    }

    [Fact]
    public async Task Read_LineBreakInQuotes_KeepsLineNumbersRight()
    {
        var outcome = await ReadAsync("id,income,debt,sex,label\n\"A\n\nA\",1,1,m,0\nB,x,1,m,0\n");

        Assert.Equal(5, Assert.Single(outcome.Faults).Line);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("id,income,debt,sex,label\n")]
    [InlineData("id,income,debt,sex,label")]
    public async Task Read_NothingInIt_IsRefused(string text) => Assert.Equal(CsvFaultKind.Empty, Assert.Single((await ReadAsync(text)).Faults).Kind);

    [Fact]
    public async Task Read_HeaderNamesAColumnTwice_IsRefused() =>
        Assert.Equal(CsvFaultKind.RepeatedColumn, Assert.Single((await ReadAsync("id,income,debt,sex,label,income\nA,1,1,m,0,1\n")).Faults).Kind);

    [Fact]
    public async Task Read_AMillionColumns_AreRefusedWithinBoundedMemory()
    {
        var text = string.Join(',', Enumerable.Range(0, 1_000_000).Select(i => $"c{i}")) + "\n1\n";
        var bytes = Encoding.UTF8.GetBytes(text);
        var before = GC.GetTotalAllocatedBytes();

        var outcome = await ReadAsync(bytes);

        Assert.Equal(CsvFaultKind.Limit, Assert.Single(outcome.Faults).Kind);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 64 << 20);
        Assert.True(outcome.Bytes < bytes.Length);
    }

    [Fact]
    public async Task Read_MoreColumnsThanAllowed_AreRefusedByCount()
    {
        var fault = Assert.Single((await ReadAsync("a,b,c,d\n1,2,3,4\n", CsvLimits.Default with { Columns = 3 })).Faults);

        Assert.Contains("4 columns; at most 3", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_Limits_AreEnforced()
    {
        const string Header = "id,income,debt,sex,label\n";
        var rows = string.Concat(Enumerable.Range(0, 100).Select(i => $"P{i},1,1,m{i},0\n"));

        Assert.Contains("rows", await OnlyLimitAsync(Header + rows, CsvLimits.Default with { Rows = 99 }), StringComparison.Ordinal);
        Assert.Contains("bytes", await OnlyLimitAsync(Header + rows, CsvLimits.Default with { Bytes = 200 }), StringComparison.Ordinal);
        Assert.Contains("bytes", await OnlyLimitAsync(Header + "\"" + new string('x', 3_000_000), CsvLimits.Default with { RecordBytes = 1000 }), StringComparison.Ordinal);
        Assert.Contains("distinct words", (await ReadAsync(Header + rows, CsvLimits.Default with { Levels = 10 })).Faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_EndlessFaults_StopAtTheLimit()
    {
        var outcome = await ReadAsync("id,income,debt,sex,label\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"P{i},x,1,m,0\n")), CsvLimits.Default with { Faults = 10 });

        Assert.Equal(10, outcome.Faults.Count);
        Assert.True(outcome.MoreFaults);
        Assert.True(outcome.Digest.IsEmpty);
    }

    [Fact]
    public void Schema_Faults_AreReportedTogether()
    {
        var schema = new DatasetSchema(
        [
            ColumnSchema.Feature("a"), ColumnSchema.Feature("a"), new("b", ColumnRole.Feature, ColumnType.Text), ColumnSchema.SubjectId("i"), ColumnSchema.SubjectId("j"),
            new("w", ColumnRole.Weight, ColumnType.Number64, MissingPolicy.Keep), ColumnSchema.Ignored(""),
        ]);

        Assert.Equal(6, schema.Validate().Count);
    }

    [Fact]
    public async Task Read_UnusableSchema_IsRefusedBeforeReading() =>
        Assert.Equal(CsvFaultKind.Schema, (await CsvTableReader.ReadAsync(Stream.Null, new DatasetSchema([]), CsvLimits.Default, TestContext.Current.CancellationToken)).Faults[0].Kind);

    [Fact]
    public void Schema_Json_RoundTripsAndRefusesUnknownWords()
    {
        var json = GovernanceJson.Serialize(Schema);

        Assert.Equal(json, GovernanceJson.Serialize(GovernanceJson.Deserialize<DatasetSchema>(json)));
        Assert.Contains("\"role\":\"subjectId\",\"type\":\"text\",\"missing\":\"refuse\"", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        Assert.Throws<System.Text.Json.JsonException>(() => GovernanceJson.Deserialize<DatasetSchema>("""{"columns":[{"name":"a","role":"boss","type":"text"}]}"""u8));
    }

    [Fact]
    public async Task Profile_CountsEachColumn()
    {
        var profile = TableProfile.Of((await ReadAsync("id,income,debt,sex,label\nA,1,,m,0\nB,3,5,,1\nC,8,7,f,1\n")).Table!);

        // Deviation by hand: of 1, 3 and 8 the squares from 4 are 9 + 1 + 16.
        Assert.Equal(new ColumnProfile("income", ColumnRole.Feature, 3, 0, 3, 1, 8, 4, Math.Sqrt(26.0 / 3), null), profile.Columns[1]);
        Assert.Equal(new ColumnProfile("debt", ColumnRole.Feature, 2, 1, 2, 5, 7, 6, 1, null), profile.Columns[2]);
        Assert.All(profile.Columns, c => Assert.Null(c.Concern));
        Assert.Equal([new LevelCount("f", 1), new LevelCount("m", 1)], profile.Columns[3].Levels!);
        Assert.Equal(1, profile.Columns[3].Missing);
    }

    [Theory]
    [InlineData("A,1,,m,0\nB,3,,m,0\nC,8,,f,0\n", 2, "Every value is missing.")]
    [InlineData("A,1,,m,0\nB,3,,m,0\nC,8,7,f,0\n", 2, "Only one value occurs: the column says nothing.")]
    [InlineData("A,1,,m,0\nB,3,,m,0\nC,8,,f,0\nD,8,6,f,0\nE,8,7,f,0\n", 2, "More than half of the values are missing.")]
    [InlineData("A,1,5,m,0\nB,3,6,m,0\nC,8,7,f,0\n", 4, "Only one label occurs: nothing can be learned or tested.")]
    public async Task Profile_SaysWhatToLookAt(string rows, int column, string concern) =>
        Assert.Equal(concern, TableProfile.Of((await ReadAsync("id,income,debt,sex,label\n" + rows)).Table!).Columns[column].Concern);

    private static async Task<string> OnlyLimitAsync(string text, CsvLimits limits)
    {
        var fault = Assert.Single((await ReadAsync(text, limits)).Faults);
        Assert.Equal(CsvFaultKind.Limit, fault.Kind);
        return fault.Message;
    }

    private static Task<CsvOutcome> ReadAsync(string text, CsvLimits? limits = null) => ReadAsync(Encoding.UTF8.GetBytes(text), limits);

    private static async Task<CsvOutcome> ReadAsync(byte[] bytes, CsvLimits? limits = null)
    {
        using var stream = new MemoryStream(bytes);
        return await CsvTableReader.ReadAsync(stream, Schema, limits ?? CsvLimits.Default, TestContext.Current.CancellationToken);
    }

    private sealed class Source(byte[] bytes, bool saysItsLength) : MemoryStream(bytes)
    {
        public override bool CanSeek => saysItsLength;

        public override long Length => saysItsLength ? base.Length : throw new NotSupportedException();
    }
}
