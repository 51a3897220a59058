using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Data.Csv;

namespace Governance.Data.Tests.Csv;

public sealed class CsvRecordReaderTests
{
    /// <summary>Quoted by the two rules of RFC 4180, any table comes back, also when the source gives it a few bytes at a time.</summary>
    [Fact]
    public void Read_AnyQuotedTable_GivesItBack()
    {
        var cell = Gen.ArrayOf(Gen.Elements('a', ',', '"', '\r', '\n', ' ', 'é', '漢')).Select(c => new string(c));
        var table = Gen.Choose(1, 5).SelectMany(columns => Gen.NonEmptyListOf(Gen.ArrayOf(cell, columns)));
        Prop.ForAll(Arb.From(Gen.Zip(table, Gen.Choose(1, 40))), given =>
        {
            var (rows, chunk) = given;
            var text = string.Concat(rows.Select(r => string.Join(',', r.Select(c => $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\r\n"));

            Assert.Equal(rows.Select(r => string.Join('|', r)), Read(Encoding.UTF8.GetBytes(text), chunk).Records.Select(r => string.Join('|', r)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Read_AnyBytes_EndsWithRecordsOrAFault()
    {
        var bytes = Gen.ArrayOf(Gen.Elements<byte>(0, (byte)'a', (byte)',', (byte)'"', (byte)'\n', (byte)'\r', 0xC3, 0xFF, 0xEF, 0xBB));
        Prop.ForAll(Arb.From(bytes), given =>
        {
            var (records, fault) = Read(given, 3);
            Assert.True(records.Count <= given.Length + 1);
            Assert.True(fault is null or { Kind: CsvFaultKind.Quoting, Line: > 0 });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static (List<string[]> Records, CsvFault? Fault) Read(byte[] bytes, int chunk)
    {
        using var reader = CsvRecordReader.OpenAsync(new SlowStream(bytes, chunk), TextEncoding.Utf8, CsvLimits.Default, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var records = new List<string[]>();
        while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            records.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Encoding.UTF8.GetString(reader.Field(i)))]);
        }

        return (records, reader.Fault);
    }

    /// <summary>Gives at most a few bytes per read.</summary>
    private sealed class SlowStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
    }
}
