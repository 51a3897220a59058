using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Serving.Protocol;

namespace Governance.Serving.Tests.Protocol;

/// <summary>Binary tensors and tensors for each feature: how values find their rows and columns, and what lengths are refused.</summary>
public sealed class BinaryRequestTests
{
    private static readonly byte[] Row = Requests.Elements("FP32", 1, 2);

    [Fact]
    public void Features_may_come_one_by_one_in_any_order_and_form()
    {
        using var call = Requests.Accept(
            Requests.With(
                """
                {"name":"income","shape":[3,1],"datatype":"FP64","parameters":{"binary_data_size":24}},
                {"name":"age","shape":[3],"datatype":"UINT8","data":[20,30,40]}
                """, rows: 3),
            [.. Requests.Elements("FP64", 100, 200), .. Requests.Elements("FP64", 300, 0).AsSpan(0, 8)]);
        Assert.Equal(new[] { 20f, 100, 30, 200, 40, 300 }, call.Features.ToArray());
    }

    [Theory]
    [InlineData("""{"name":"age","shape":[1],"datatype":"FP32","data":[1]}""")]
    [InlineData("""{"name":"age","shape":[1],"datatype":"FP32","data":[1]},{"name":"age","shape":[1],"datatype":"FP32","data":[1]}""")]
    [InlineData("""{"name":"age","shape":[1],"datatype":"FP32","data":[1]},{"name":"float_input","shape":[1,2],"datatype":"FP32","data":[1,2]}""")]
    [InlineData("""{"name":"age","shape":[1],"datatype":"FP32","data":[1]},{"name":"other","shape":[1],"datatype":"FP32","data":[1]}""")]
    [InlineData("""{"name":"age","shape":[1],"datatype":"FP32","data":[1]},{"name":"income","shape":[2],"datatype":"FP32","data":[1,2]}""")]
    [InlineData("""{"name":"age","shape":[1,1],"datatype":"FP32","data":[1]},{"name":"income","shape":[1,2],"datatype":"FP32","data":[1,2]}""")]
    [InlineData("""{"name":"age","shape":[],"datatype":"FP32","data":[]},{"name":"income","shape":[],"datatype":"FP32","data":[]}""")]
    public void Features_are_all_there_once_with_the_same_rows(string inputs) => Requests.Refuse(Requests.With(inputs), 422, "unfit-request");

    [Theory]
    [InlineData(8, 9, 422, "unfit-request")]
    [InlineData(8, 7, 422, "unfit-request")]
    [InlineData(7, 7, 422, "unfit-request")]
    [InlineData(0, 8, 422, "unfit-request")]
    [InlineData(16, 16, 422, "unfit-request")]
    public void Lengths_must_be_those_of_shape_and_datatype(int said, int sent, int status, string code) =>
        Requests.Refuse(Requests.With(Requests.Binary("FP32", said)), status, code, Row.Concat(new byte[8]).Take(sent).ToArray());

    [Fact]
    public void Values_are_in_one_place()
    {
        Requests.Refuse(Requests.With("""{"name":"float_input","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}}"""), 422, "unfit-request", Row);
        Requests.Refuse(Requests.With("""{"name":"float_input","shape":[1,2],"datatype":"FP32"}"""), 422, "unfit-request", Row);
        Requests.Refuse(Requests.With(Requests.Binary("FP32", 8)), 422, "unfit-request");
    }

    [Fact]
    public void A_shape_is_compared_with_the_limit_before_its_values_are_looked_at() =>
        Requests.Refuse(Requests.With("""{"name":"float_input","shape":[2147483647,2],"datatype":"FP32","parameters":{"binary_data_size":17179869176}}"""), 413, "too-many-rows", Row);

    [Theory]
    [InlineData(-1)]
    [InlineData(10_000)]
    public void The_json_ends_within_the_body(long length)
    {
        var (call, fault) = InferenceRequestReader.Read(Encoding.UTF8.GetBytes(Requests.With(Requests.Binary("FP32", 8))), Requests.Shape, length);
        Assert.Null(call);
        Assert.Equal(400, fault!.Status);
    }

    /// <summary>Law: rows come out as they were sent, flat, nested, binary or feature by feature.</summary>
    [Fact]
    public void All_forms_of_the_same_rows_are_the_same_call() => Prop.ForAll(
        ArbMap.Default.ArbFor<NormalFloat[]>().Filter(v => v.Length is >= 2 and <= 6 && v.Length % 2 == 0 && v.All(f => float.IsFinite((float)f.Get))), numbers =>
        {
            var values = Array.ConvertAll(numbers, n => (float)n.Get);
            var rows = values.Length / 2;
            string Json(IEnumerable<float> of) => $"[{string.Join(',', of.Select(v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}]";
            string Whole(string data) => Requests.With($$"""{"name":"float_input","shape":[{{rows}},2],"datatype":"FP32","data":{{data}}}""", rows);
            string Column(string name, int column) =>
                $$"""{"name":"{{name}}","shape":[{{rows}}],"datatype":"FP32","data":{{Json(values.Where((_, i) => i % 2 == column))}}}""";
            var bytes = values.SelectMany(BitConverter.GetBytes).ToArray();
            using var flat = Requests.Accept(Whole(Json(values)));
            using var nested = Requests.Accept(Whole($"[{string.Join(',', values.Chunk(2).Select(Json))}]"));
            using var binary = Requests.Accept(Requests.With(Requests.Binary("FP32", bytes.Length, rows), rows), bytes);
            using var columns = Requests.Accept(Requests.With(Column("income", 1) + "," + Column("age", 0), rows));
            return new[] { flat, nested, binary, columns }.All(c => c.Features.Span.SequenceEqual(values) && c.Rows == rows);
        }).QuickCheckThrowOnFailure();

    /// <summary>Fuzz: any change of bytes and of the said length gives a call or a fault, never an exception.</summary>
    [Fact]
    public void Mutated_binary_requests_never_throw()
    {
        var json = Encoding.UTF8.GetBytes(Requests.With(
            """{"name":"age","shape":[2,1],"datatype":"INT16","parameters":{"binary_data_size":4,"own":{"a":[1]}}},{"name":"income","shape":[2],"datatype":"FP32","data":[1,2]}""", rows: 2));
        byte[] seed = [.. json, 1, 0, 2, 0];
        var random = new Random(20260101);
        for (var run = 0; run < 20_000; run++)
        {
            var bytes = (byte[])seed.Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : seed[random.Next(seed.Length)];
            }

            var cut = bytes.AsSpan(0, random.Next(10) == 0 ? random.Next(bytes.Length) : bytes.Length);
            var (call, fault) = InferenceRequestReader.Read(cut, Requests.Shape, random.Next(10) == 0 ? random.Next(-1, bytes.Length + 2) : json.Length);
            Assert.True((call is null) != (fault is null));
            call?.Dispose();
        }
    }
}
