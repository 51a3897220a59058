using System.Text;
using Governance.Serving.Protocol;

namespace Governance.Serving.Tests.Protocol;

/// <summary>MLflow's forms of one table are one call; everything else is refused.</summary>
public sealed class MlflowRequestReaderTests
{
    private const string About = "\"params\":{\"subject_ids\":[\"a\",\"b\"],\"purpose\":\"loan\",\"own\":1}";

    [Theory]
    [InlineData("""{"dataframe_split":{"columns":["income","age"],"index":[0,1],"data":[[2,1],[4,3]]}""")]
    [InlineData("""{"dataframe_split":{"data":[[2,1],[4,3]],"columns":["income","age"]}""")]
    [InlineData("""{"dataframe_split":{"data":[[1,2],[3,4]]}""")]
    [InlineData("""{"dataframe_records":[{"age":1,"income":2},{"income":4,"age":3}]""")]
    [InlineData("""{"instances":[[1,2],[3,4]]""")]
    [InlineData("""{"instances":[{"income":2,"age":1},{"age":3,"income":4}]""")]
    [InlineData("""{"inputs":{"income":[2,4],"age":[1,3]}""")]
    [InlineData("""{"inputs":[[1,2],[3,4]]""")]
    public void Every_form_gives_the_rows(string body)
    {
        var (call, fault) = MlflowRequestReader.Read(Encoding.UTF8.GetBytes($"{body},{About}}}"), Requests.Shape);
        Assert.Null(fault);
        using (call)
        {
            Assert.Equal(new[] { 1f, 2, 3, 4 }, call!.Features.ToArray());
            Assert.Equal((2, "loan"), (call.Rows, call.Purpose));
            Assert.Equal(["a", "b"], call.Subjects);
        }
    }

    [Theory]
    [InlineData("""{"instances":[[1,2]]}""")]
    [InlineData("""{"instances":[[1,2],[3]]""")]
    [InlineData("""{"instances":[[1,2],[3,4,5]]""")]
    [InlineData("""{"instances":[[1,2],[3,null]]""")]
    [InlineData("""{"instances":[[1,2],[3,"4"]]""")]
    [InlineData("""{"instances":[[1,2],[3,1e39]]""")]
    [InlineData("""{"instances":[[1,2],[[3,4]]]""")]
    [InlineData("""{"instances":[[1,2],3]""")]
    [InlineData("""{"instances":[]""")]
    [InlineData("""{"instances":{"age":[1,2],"income":[1,2]}""")]
    [InlineData("""{"instances":[[1,2],[3,4]],"inputs":[[1,2],[3,4]]""")]
    [InlineData("""{"dataframe_records":[{"age":1,"income":2},{"age":3}]""")]
    [InlineData("""{"dataframe_records":[{"age":1,"income":2},{"age":3,"age":4}]""")]
    [InlineData("""{"dataframe_records":[{"age":1,"income":2},{"age":3,"other":4}]""")]
    [InlineData("""{"dataframe_split":{"columns":["age"],"data":[[1],[2]]}""")]
    [InlineData("""{"dataframe_split":{"columns":["age","age"],"data":[[1,2],[3,4]]}""")]
    [InlineData("""{"dataframe_split":{"columns":["age","income"],"columns":["age","income"],"data":[[1,2],[3,4]]}""")]
    [InlineData("""{"dataframe_split":{"columns":["age","income"],"rows":1,"data":[[1,2],[3,4]]}""")]
    [InlineData("""{"inputs":{"age":[1,2]}""")]
    [InlineData("""{"inputs":{"age":[1,2],"income":[1]}""")]
    [InlineData("""{"inputs":{"age":[1,2],"income":[1,2,3]}""")]
    [InlineData("""{"inputs":{"age":[1,2],"age":[1,2]}""")]
    [InlineData("""{"inputs":{"age":1,"income":[1,2]}""")]
    [InlineData("""{"own":1""")]
    public void What_is_no_table_of_the_features_is_refused(string body)
    {
        var (call, fault) = MlflowRequestReader.Read(Encoding.UTF8.GetBytes(body.EndsWith('}') && body.Contains("[[1,2]]}", StringComparison.Ordinal) ? body : $"{body},{About}}}"), Requests.Shape);
        Assert.Null(call);
        Assert.Equal((422, "unfit-request"), (fault!.Status, fault.Code));
    }

    [Fact]
    public void More_rows_than_allowed_are_refused()
    {
        foreach (var body in new[] { """{"instances":[[1,2],[1,2],[1,2],[1,2]]}""", """{"inputs":{"age":[1,1,1,1],"income":[1,1,1,1]}}""" })
        {
            Assert.Equal(413, MlflowRequestReader.Read(Encoding.UTF8.GetBytes(body), Requests.Shape).Fault!.Status);
        }
    }

    /// <summary>Fuzz: any change of bytes gives a call or a fault, never an exception.</summary>
    [Fact]
    public void Mutated_requests_never_throw()
    {
        string[] bodies =
        [
            $$$"""{"dataframe_split":{"columns":["income","age"],"index":[0,1],"data":[[2,1],[4,3]]},{{{About}}}}""",
            $$$"""{"dataframe_records":[{"age":1,"income":2},{"income":4,"age":3}],{{{About}}}}""",
            $$$"""{"inputs":{"income":[2,4],"age":[1,3]},{{{About}}}}""",
        ];
        var random = new Random(20260102);
        foreach (var seed in bodies.Select(Encoding.UTF8.GetBytes))
        {
            for (var run = 0; run < 5_000; run++)
            {
                var bytes = (byte[])seed.Clone();
                for (var changes = random.Next(1, 5); changes > 0; changes--)
                {
                    bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : seed[random.Next(seed.Length)];
                }

                var (call, fault) = MlflowRequestReader.Read(bytes, Requests.Shape);
                Assert.True((call is null) != (fault is null));
                call?.Dispose();
            }
        }
    }
}
