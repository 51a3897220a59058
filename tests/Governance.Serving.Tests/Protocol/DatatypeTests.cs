using System.Buffers.Binary;

namespace Governance.Serving.Tests.Protocol;

/// <summary>Every datatype of the protocol's table, as JSON and in binary form.</summary>
public sealed class DatatypeTests
{
    [Theory]
    [InlineData("BOOL", 0, 1)]
    [InlineData("UINT8", 0, 255)]
    [InlineData("UINT16", 0, 65535)]
    [InlineData("UINT32", 0, 16777216)]
    [InlineData("UINT64", 0, 16777216)]
    [InlineData("INT8", -128, 127)]
    [InlineData("INT16", -32768, 32767)]
    [InlineData("INT32", -16777216, 16777216)]
    [InlineData("INT64", -16777216, 16777216)]
    [InlineData("FP16", -0.5, 65504)]
    [InlineData("FP32", -0.25, 1e30)]
    [InlineData("FP64", -0.25, 1e30)]
    public void Binary_values_are_read(string datatype, double first, double second)
    {
        var bytes = Requests.Elements(datatype, first, second);
        using var call = Requests.Accept(Requests.With(Requests.Binary(datatype, bytes.Length)), bytes);
        Assert.Equal([(float)first, (float)second], call.Features.ToArray());
    }

    [Theory]
    [InlineData("BOOL", "[true,false]", 1, 0)]
    [InlineData("UINT8", "[0,255]", 0, 255)]
    [InlineData("INT8", "[-128,1.27e2]", -128, 127)]
    [InlineData("UINT64", "[0,18446744073709551615]", 0, 18446744073709551615d)]
    [InlineData("INT64", "[-9223372036854775808,9223372036854775807]", -9223372036854775808d, 9223372036854775807d)]
    [InlineData("FP32", "[[1.5,-2]]", 1.5, -2)]
    [InlineData("FP64", "[1,2]", 1, 2)]
    public void Json_values_are_read(string datatype, string data, double first, double second)
    {
        using var call = Requests.Accept(Requests.With($$"""{"name":"float_input","shape":[1,2],"datatype":"{{datatype}}","data":{{data}}}"""));
        Assert.Equal([(float)first, (float)second], call.Features.ToArray());
    }

    [Theory]
    [InlineData("BOOL", "[1,0]")]
    [InlineData("BOOL", "[true,0]")]
    [InlineData("FP32", "[true,0.5]")]
    [InlineData("UINT8", "[0,256]")]
    [InlineData("UINT8", "[-1,0]")]
    [InlineData("UINT8", "[0.5,0]")]
    [InlineData("INT8", "[-129,0]")]
    [InlineData("INT64", "[0,1e19]")]
    [InlineData("INT32", "[0,2147483648]")]
    [InlineData("FP16", "[0,1]")]
    [InlineData("BYTES", "[\"a\",\"b\"]")]
    [InlineData("BF16", "[0,1]")]
    [InlineData("fp32", "[0,1]")]
    [InlineData("FP32", "[[1],[2]]")]
    [InlineData("FP32", "[[1,2],[]]")]
    [InlineData("FP32", "[[],[1,2]]")]
    [InlineData("FP32", "[1,[2]]")]
    [InlineData("FP32", "[[1],2]")]
    [InlineData("FP32", "[[[1,2]]]")]
    public void What_the_datatype_or_the_shape_does_not_hold_is_refused(string datatype, string data) =>
        Requests.Refuse(Requests.With($$"""{"name":"float_input","shape":[1,2],"datatype":"{{datatype}}","data":{{data}}}"""), 422, "unfit-request");

    [Theory]
    [InlineData("FP32", float.NaN)]
    [InlineData("FP32", float.PositiveInfinity)]
    [InlineData("FP64", double.NegativeInfinity)]
    [InlineData("FP64", 1e300)]
    [InlineData("FP16", double.NaN)]
    [InlineData("BOOL", 2)]
    public void Binary_values_that_are_none_are_refused(string datatype, double value)
    {
        var bytes = Requests.Elements(datatype, 0, value);
        Requests.Refuse(Requests.With(Requests.Binary(datatype, bytes.Length)), 422, "unfit-request", bytes);
    }

    [Fact]
    public void A_value_that_is_none_is_found_wherever_it_stands()
    {
        for (var at = 0; at < 6; at++)
        {
            var bytes = new byte[24];
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * at), float.NaN);
            Requests.Refuse(Requests.With(Requests.Binary("FP32", bytes.Length, rows: 3), rows: 3), 422, "unfit-request", bytes);
        }
    }
}
