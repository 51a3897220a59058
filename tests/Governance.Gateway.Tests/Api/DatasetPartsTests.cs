using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Data.Csv;

namespace Governance.Gateway.Tests.Api;

/// <summary>A registered dataset gets further rows: a new dataset, whose runs compute what the new rows need.</summary>
public sealed class DatasetPartsTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Check = "fairness.group_rates";
    private static readonly string[] Lines = Encoding.UTF8.GetString(CsvTableWriter.Write(Lender.Portfolio.Evaluation)).TrimEnd('\n').Split('\n');

    private TestGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task Runs_over_a_dataset_with_further_rows_compute_the_further_rows_and_end_in_the_same_result_as_over_one_file()
    {
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration(), "dana")).MustBe(HttpStatusCode.Created);
        await AddAsync("history", Encoding.UTF8.GetString(CsvTableWriter.Write(Lender.Portfolio.History)), "training");
        await AddAsync("first", Csv(0, 400), "evaluation");
        await AddAsync("whole", Csv(0, 600), "evaluation");
        var appended = (await AppendAsync("first", "second", Csv(400, 200))).MustBe(HttpStatusCode.Created).Json["registration"]!;
        Assert.Equal([400, 200], appended["parts"]!.AsArray().Select(p => p!["rows"]!.GetValue<int>()));
        Assert.Equal(600, appended["rows"]!.GetValue<int>());

        // The digest of a dataset in parts is that of a document anybody can make from its parts.
        Assert.Equal(appended["digest"]!.GetValue<string>(), Digest.Of(Encoding.UTF8.GetBytes(appended["parts"]!.ToJsonString())).ToString());
        var lineage = (await Gateway.ReadAsync("/api/v1/datasets/second/lineage"))["steps"]!.AsArray();
        Assert.Equal(["second", "first"], lineage.Select(s => s!["datasets"]![0]!.GetValue<string>()));

        await RunAsync("first");
        var further = await RunAsync("second");
        var whole = await RunAsync("whole");
        Assert.Equal(whole.Result, further.Result);
        Assert.Equal(["rows 0..399"], further.Work.Where(w => w.Cached).Select(w => w.Rows));
        Assert.Equal(["rows 400..599", "result"], further.Work.Where(w => !w.Cached).Select(w => w.Rows));
    }

    public static TheoryData<string, string, string> BadFiles() => new()
    {
        { "another schema", "id,income\n1,2\n", "column" },
        { "no rows", Lines[0] + "\n", "row" },
        { "a subject of the dataset", Csv(3, 1), "row 1 of the file" },
        { "a subject twice", Csv(500, 1) + Lines[501] + "\n", "line 3" },
        { "a row too short", Csv(500, 1) + "1,2\n", "line 3" },
    };

    [Theory]
    [MemberData(nameof(BadFiles), DisableDiscoveryEnumeration = true)]
    public async Task Rows_that_do_not_fit_are_refused(string what, string csv, string fault)
    {
        if ((await Gateway.GetAsync("/api/v1/datasets/small")).Status == HttpStatusCode.NotFound)
        {
            await AddAsync("small", Csv(0, 20), "evaluation");
        }

        var answer = (await AppendAsync("small", "more", csv)).MustBe(HttpStatusCode.UnprocessableEntity, "dataset-refused");
        Assert.True(answer.Faults.Any(f => f.Contains(fault, StringComparison.Ordinal)), $"{what}: {answer}");
        Assert.DoesNotContain(Lines[4].Split(',')[0], answer.Text, StringComparison.Ordinal);
        (await Gateway.GetAsync("/api/v1/datasets/more")).MustBe(HttpStatusCode.NotFound, "dataset-unknown");
    }

    [Fact]
    public async Task What_is_not_there_gets_no_rows_and_what_is_there_is_not_replaced()
    {
        await AddAsync("taken", Csv(0, 30), "evaluation");
        (await AppendAsync("nothing", "more", Csv(30, 5))).MustBe(HttpStatusCode.NotFound, "dataset-unknown");
        (await AppendAsync("taken", "taken", Csv(30, 5))).MustBe(HttpStatusCode.Conflict, "dataset-exists");
        (await Gateway.GetAsync("/api/v1/datasets/nothing/lineage")).MustBe(HttpStatusCode.NotFound, "dataset-unknown");
    }

    private static string Csv(int first, int rows) => string.Join('\n', Lines.Skip(1 + first).Take(rows).Prepend(Lines[0])) + "\n";

    private async Task AddAsync(string id, string csv, string use) =>
        (await Gateway.UploadAsync("/api/v1/datasets", Lender.Dataset(id, use), Encoding.UTF8.GetBytes(csv), "dana")).MustBe(HttpStatusCode.Created);

    private Task<Answer> AppendAsync(string dataset, string id, string csv) =>
        Gateway.UploadAsync($"/api/v1/datasets/{dataset}/parts", new JsonObject { ["id"] = id }, Encoding.UTF8.GetBytes(csv), "dana");

    /// <summary>Submits the model over a dataset and runs the check.</summary>
    private async Task<(string Result, IReadOnlyList<(string Rows, bool Cached)> Work)> RunAsync(string evaluation)
    {
        var version = Lender.Version(Lender.Corrected, "history");
        version["evaluationDataset"] = evaluation;
        var submitted = (await Gateway.UploadAsync($"/api/v1/models/{Lender.Model}/versions", version, Lender.Corrected.Onnx.ToArray(), "dana")).MustBe(HttpStatusCode.Created).Json;
        var number = submitted["submission"]!["number"]!.GetValue<int>();
        var run = await Lender.RunAsync(Gateway, number, Check);
        Assert.Equal("succeeded", run["status"]!.GetValue<string>());
        var evidence = (await Gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/{number}"))["evidence"]!.AsArray();
        var explained = await Gateway.ReadAsync($"/api/v1/runs/{run["id"]}/explanation");
        return (evidence.Single()!["result"]!.GetValue<string>(), [.. explained["shards"]!.AsArray().SelectMany(s => s!["work"]!.AsArray())
            .Select(w => (w!["work"]!.GetValue<string>()[(Check.Length + 1)..], w["cached"]!.GetValue<bool>()))]);
    }
}
