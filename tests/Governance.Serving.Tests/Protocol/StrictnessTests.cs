using Governance.Serving.Protocol;

namespace Governance.Serving.Tests.Protocol;

/// <summary>Duplicates, depth and counts are refused wherever they are; what the protocol leaves open is passed over.</summary>
public sealed class StrictnessTests
{
    private const string Tensor = """{"name":"float_input","shape":[1,2],"datatype":"FP32","data":[1,2]}""";

    [Theory]
    [InlineData("\"own\":1,\"own\":2")]
    [InlineData("\"own\":1,\"\\u006fwn\":2")]
    [InlineData("\"own\":{\"a\":1,\"a\":2}")]
    [InlineData("\"own\":[{\"a\":{\"b\":1,\"b\":1}}]")]
    [InlineData("\"purpose\":\"a\",\"purpose\":\"b\"")]
    [InlineData("\"binary_data_output\":true,\"binary_data_output\":true")]
    [InlineData("\"binary_data_output\":1")]
    public void Parameters_are_there_once_at_any_depth(string more) => Requests.Refuse(Request(more, Tensor), 422, "unfit-request");

    [Theory]
    [InlineData("\"own\":[[[[[[[[1]]]]]]]]")]
    [InlineData("\"own\":{")]
    [InlineData("\"own\":1,}")]
    public void Depth_is_bounded(string more) => Requests.Refuse(Request(more, Tensor), 400, "malformed-json");

    [Fact]
    public void Members_of_no_use_are_bounded()
    {
        static string Many(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"p{i}\":{i}"));
        Requests.Accept(Request(Many(StrictMost), Tensor)).Dispose();
        Requests.Refuse(Request(Many(StrictMost + 1), Tensor), 422, "unfit-request");
    }

    [Theory]
    [InlineData("\"name\":\"float_input\"")]
    [InlineData("\"parameters\":{}")]
    [InlineData("\"parameters\":{\"binary_data_size\":8,\"binary_data_size\":8}")]
    [InlineData("\"parameters\":{\"binary_data_size\":-8}")]
    [InlineData("\"parameters\":{\"binary_data_size\":8.5}")]
    [InlineData("\"other\":1")]
    public void Members_of_a_tensor_are_known_and_there_once(string more) =>
        Requests.Refuse(Request("\"own\":1", Tensor.Replace("\"data\"", more + ",\"parameters\":{},\"data\"", StringComparison.Ordinal)), 422, "unfit-request");

    [Fact]
    public void A_null_id_is_no_id() => Assert.Null(Requests.Accept($$"""{"id":null,{{Request("\"own\":null", Tensor)[1..]}}""").Id);

    [Theory]
    [InlineData("""[{"name":"score"}]""", AnswerOutputs.Score, AnswerOutputs.None)]
    [InlineData("""[{"name":"decision","parameters":{"binary_data":true}},{"name":"score"}]""", AnswerOutputs.All, AnswerOutputs.Decision)]
    [InlineData("""[{"parameters":{"binary_data":false,"classification":0},"name":"score"}]""", AnswerOutputs.Score, AnswerOutputs.None)]
    [InlineData("[]", AnswerOutputs.All, AnswerOutputs.None)]
    public void Outputs_are_chosen(string outputs, AnswerOutputs wanted, AnswerOutputs binary) =>
        Assert.Equal(new OutputSelection(wanted, binary), Requests.Accept(WithOutputs(outputs)).Outputs);

    [Fact]
    public void An_output_says_more_than_the_request()
    {
        var call = Requests.Accept(WithOutputs("""[{"name":"score","parameters":{"binary_data":false}},{"name":"decision"}]""")
            .Replace("\"own\":1", "\"binary_data_output\":true", StringComparison.Ordinal));
        Assert.Equal(new OutputSelection(AnswerOutputs.All, AnswerOutputs.Decision), call.Outputs);
    }

    [Theory]
    [InlineData("""[{"name":"probability"}]""")]
    [InlineData("""[{"name":"score"},{"name":"score"}]""")]
    [InlineData("""[{"name":"score","name":"score"}]""")]
    [InlineData("""[{"name":"score","shape":[1]}]""")]
    [InlineData("""[{"name":"score","parameters":{"binary_data":1}}]""")]
    [InlineData("""[{"name":1}]""")]
    [InlineData("[{}]")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Other_outputs_are_refused(string outputs) => Requests.Refuse(WithOutputs(outputs), 422, "unfit-request");

    private const int StrictMost = 64;

    private static string Request(string parameters, string tensor) => $$"""{"parameters":{"subject_id":"S-1",{{parameters}}},"inputs":[{{tensor}}]}""";

    private static string WithOutputs(string outputs) => $$"""{"outputs":{{outputs}},{{Request("\"own\":1", Tensor)[1..]}}""";
}
