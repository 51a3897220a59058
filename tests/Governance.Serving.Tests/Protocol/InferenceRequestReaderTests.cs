using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Serving.Protocol;

namespace Governance.Serving.Tests.Protocol;

public sealed class InferenceRequestReaderTests
{
    private static readonly InferenceShape Shape = new("float_input", ["age", "income"], MaxRows: 3);

    private const string Good = """
        {"id":"r1","parameters":{"subject_id":"S-1","purpose":"loan"},
         "inputs":[{"name":"float_input","shape":[1,2],"datatype":"FP32","data":[0.5,-1]}]}
        """;

    [Fact]
    public void A_flat_row_is_read()
    {
        var call = Accept(Good);

        Assert.Equal("r1", call.Id);
        Assert.Equal(["S-1"], call.Subjects);
        Assert.Equal(new[] { 0.5f, -1f }, call.Features.ToArray());
    }

    [Fact]
    public void Nested_rows_are_read_in_row_major_order_whatever_the_member_order()
    {
        var call = Accept("""
            {"inputs":[{"data":[[1,2],[3,4]],"datatype":"FP64","shape":[2,2],"name":"float_input"}],"parameters":{"subject_ids":["a","b"]}}
            """);

        Assert.Null(call.Id);
        Assert.Equal(2, call.Rows);
        Assert.Equal(new[] { 1f, 2f, 3f, 4f }, call.Features.ToArray());
        Assert.Equal(["a", "b"], call.Subjects);
    }

    [Theory]
    [InlineData("", 400, "malformed-json")]
    [InlineData("{", 400, "malformed-json")]
    [InlineData("[]", 422, "unfit-request")]
    [InlineData("{}", 422, "unfit-request")]
    [InlineData("""{"id":"a","id":"b"}""", 422, "unfit-request")]
    [InlineData("""{"other":1}""", 422, "unfit-request")]
    [InlineData("""{"inputs":[{"name":"float_input","shape":[1,2],"datatype":"FP32","data":[NaN,1]}]}""", 400, "malformed-json")]
    public void What_is_no_request_is_refused(string body, int status, string code) => Refuse(body, status, code);

    [Theory]
    [InlineData("[1,2]", "[1,3]")]
    [InlineData("[1,2]", "[2,2]")]
    [InlineData("[1,2]", "[0,2]")]
    [InlineData("[1,2]", "[2]")]
    [InlineData("[1,2]", "[1,1,2]")]
    [InlineData("[1,2]", "[1,9223372036854775807]")]
    [InlineData("[0.5,-1]", "[0.5]")]
    [InlineData("[0.5,-1]", "[0.5,-1,3]")]
    [InlineData("[0.5,-1]", "[0.5,null]")]
    [InlineData("[0.5,-1]", "[0.5,\"1\"]")]
    [InlineData("[0.5,-1]", "[0.5,1e39]")]
    [InlineData("[0.5,-1]", "[0.5,1e400]")]
    [InlineData("[0.5,-1]", "[[[0.5,-1]]]")]
    [InlineData("FP32", "BYTES")]
    [InlineData("FP32", "BOOL")]
    [InlineData("float_input", "other")]
    [InlineData("\"subject_id\":\"S-1\"", "\"subject_id\":\"\"")]
    [InlineData("\"subject_id\":\"S-1\"", "\"subject_id\":7")]
    [InlineData("\"subject_id\":\"S-1\"", "\"subject_ids\":[\"a\",\"b\"]")]
    [InlineData("\"subject_id\":\"S-1\"", "\"subject_id\":\"a\",\"subject_ids\":[\"b\"]")]
    [InlineData("\"subject_id\":\"S-1\"", "\"nobody\":\"S-1\"")]
    [InlineData("\"id\":\"r1\"", "\"id\":\"a\\u0000b\"")]
    public void One_wrong_part_is_refused(string part, string wrong) => Refuse(Good.Replace(part, wrong, StringComparison.Ordinal), 422, "unfit-request");

    [Fact]
    public void More_rows_than_allowed_are_refused_before_they_fill_memory()
    {
        var data = string.Join(',', Enumerable.Repeat("1", 1_000_000));
        Refuse($$"""{"inputs":[{"data":[{{data}}],"name":"float_input","shape":[500000,2],"datatype":"FP32"}]}""", 413, "too-many-rows");
    }

    [Fact]
    public void What_follows_the_request_is_refused() => Refuse(Good + "{}", 400, "malformed-json");

    /// <summary>Fuzz: any change of bytes gives a call or a fault, never an exception.</summary>
    [Fact]
    public void Mutated_requests_never_throw()
    {
        var seed = Encoding.UTF8.GetBytes(Good);
        var mutation =
            from position in Gen.Choose(0, seed.Length - 1)
            from value in Gen.Choose(0, 255)
            select (position, value);
        Prop.ForAll(Gen.NonEmptyListOf(mutation).ToArbitrary(), mutations =>
        {
            var bytes = (byte[])seed.Clone();
            foreach (var (position, value) in mutations)
            {
                bytes[position] = (byte)value;
            }

            var (call, fault) = InferenceRequestReader.Read(bytes, Shape);
            return (call is null) != (fault is null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static InferenceCall Accept(string body)
    {
        var (call, fault) = InferenceRequestReader.Read(Encoding.UTF8.GetBytes(body), Shape);
        Assert.Null(fault);
        return call!;
    }

    private static void Refuse(string body, int status, string code)
    {
        var (call, fault) = InferenceRequestReader.Read(Encoding.UTF8.GetBytes(body), Shape);
        Assert.Null(call);
        Assert.Equal((status, code), (fault!.Status, fault.Code));
    }
}
