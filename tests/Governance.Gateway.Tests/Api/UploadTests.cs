using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;

namespace Governance.Gateway.Tests.Api;

/// <summary>Files are hostile until read: what is wrong is said, and nothing is registered.</summary>
public sealed class UploadTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Datasets = "/api/v1/datasets";
    private const string Versions = "/api/v1/models/small/versions";
    private const string Good = "id,income,sex,bad\nA1,1.5,f,0\nA2,2.5,m,1\n";

    private TestGateway Gateway => fixture.Gateway;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> BadFiles() => new()
    {
        { "missing label column", "id,income,sex\nA1,1.5,f\n", "bad" },
        { "missing label value", "id,income,sex,bad\nA1,1.5,f,\nA2,2,m,1\n", "line 2" },
        { "wrong column", "id,salary,sex,bad\nA1,1.5,f,0\n", "income" },
        { "one column more", "id,income,sex,bad,extra\nA1,1.5,f,0,9\n", "extra" },
        { "duplicated subjects", "id,income,sex,bad\nA1,1.5,f,0\nA1,2.5,m,1\n", "line 3" },
        { "duplicated column", "id,income,income,sex,bad\nA1,1,1,f,0\n", "income" },
        { "a word for a number", "id,income,sex,bad\nA1,much,f,0\n", "line 2" },
        { "NaN", "id,income,sex,bad\nA1,NaN,f,0\n", "line 2" },
        { "infinity", "id,income,sex,bad\nA1,1e99,f,0\n", "line 2" },
        { "a label that is none", "id,income,sex,bad\nA1,1,f,2\n", "line 2" },
        { "a row too short", "id,income,sex,bad\nA1,1\n", "line 2" },
        { "an open quote", "id,income,sex,bad\n\"A1,1,f,0\n", "line 2" },
        { "no rows", "id,income,sex,bad\n", "row" },
        { "nothing", "", "" },
        { "no such reference group", "id,income,sex,bad\nA1,1,x,0\nA2,1,y,1\n", "referenceGroups" },
    };

    [Theory]
    [MemberData(nameof(BadFiles), DisableDiscoveryEnumeration = true)]
    public async Task A_file_that_does_not_fit_its_schema_is_refused_with_its_faults(string what, string csv, string fault) =>
        await RefusedAsync(what, Encoding.UTF8.GetBytes(csv), fault);

    [Fact]
    public async Task Bad_UTF8_is_refused() =>
        await RefusedAsync("UTF-8", [.. Encoding.UTF8.GetBytes("id,income,sex,bad\nA1,1,"), 0xc3, 0x28, .. Encoding.UTF8.GetBytes(",0\n")], "UTF-8");

    [Fact]
    public async Task A_million_columns_are_refused() => await RefusedAsync("columns", [.. Enumerable.Repeat((byte)',', 999_999), (byte)'\n'], "column");

    [Fact]
    public async Task More_columns_than_the_record_holds_are_refused_as_such()
    {
        var names = Enumerable.Range(0, 3000).Select(i => $"a_rather_long_name_of_a_column_{i:d4}").ToList();
        var metadata = Metadata();
        metadata["schema"]!["columns"] = new JsonArray([Column("bad", "label", "number64"), .. names.Select(n => Column(n, "feature", "number32"))]);
        metadata["referenceGroups"] = new JsonObject();
        var csv = $"bad,{string.Join(',', names)}\n{string.Join(',', Enumerable.Repeat("1", 3001))}\n{string.Join(',', Enumerable.Repeat("0", 3001))}\n";
        (await Gateway.UploadAsync(Datasets, metadata, Encoding.UTF8.GetBytes(csv), "dana")).MustBe(HttpStatusCode.UnprocessableEntity, "record-too-large");
    }

    [Fact]
    public async Task Values_of_people_are_not_repeated()
    {
        var answer = await Gateway.UploadAsync(Datasets, Metadata(), Encoding.UTF8.GetBytes("id,income,sex,bad\nSECRET-ID,SECRET-INCOME,f,0\nSECRET-ID,1,f,SECRET-LABEL\n"), "dana");
        answer.MustBe(HttpStatusCode.UnprocessableEntity, "dataset-refused");
        Assert.DoesNotContain("SECRET", answer.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, int, string> BadMetadata() => new()
    {
        { "{", 400, "malformed-json" },
        { Spoil(m => m["extra"] = 1), 400, "malformed-json" },
        { Spoil(m => m["use"] = "fun"), 400, "malformed-json" },
        { Spoil(m => m["schema"] = new JsonObject()), 422, "dataset-refused" },
        { Spoil(m => m["schema"]!["columns"] = new JsonArray()), 422, "dataset-refused" },
        { Spoil(m => m["schema"]!["columns"] = new JsonArray((JsonNode?)null)), 422, "dataset-refused" },
        { Spoil(m => m["schema"]!["columns"]![3]!["role"] = "feature"), 422, "dataset-refused" },
        { Spoil(m => m["schema"]!["columns"]![3]!["role"] = "ruler"), 422, "dataset-refused" },
        { Spoil(m => m["referenceGroups"] = new JsonObject()), 422, "dataset-refused" },
        { Spoil(m => m["referenceGroups"]!["sex"] = null), 422, "dataset-refused" },
        { Spoil(m => m["id"] = "../../etc"), 422, "invalid-dataset" },
        { Spoil(m => m["legalBasis"] = "because"), 422, "invalid-dataset" },
        { Spoil(m => m["retentionMonths"] = 0), 422, "invalid-dataset" },
    };

    [Theory]
    [MemberData(nameof(BadMetadata), DisableDiscoveryEnumeration = true)]
    public async Task Wrong_metadata_is_refused(string metadata, int status, string code) =>
        (await Gateway.UploadAsync(Datasets, metadata, new ByteArrayContent(Encoding.UTF8.GetBytes(Good)), "dana")).MustBe((HttpStatusCode)status, code);

    [Fact]
    public async Task A_form_of_other_parts_or_that_breaks_off_is_refused()
    {
        using (var wrong = new MultipartFormDataContent { { new StringContent("{}"), "file", "f" }, { new StringContent("{}"), "metadata" } })
        {
            (await Gateway.SendAsync(HttpMethod.Post, Datasets, "dana", wrong)).MustBe(HttpStatusCode.BadRequest, "malformed-request");
        }

        foreach (var form in new[]
        {
            "", "--b", "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{}",
            $"--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{Spoil(_ => { })}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nid,income",
        })
        {
            using var broken = new StringContent(form);
            broken.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
            (await Gateway.SendAsync(HttpMethod.Post, Datasets, "dana", broken)).MustBe(HttpStatusCode.BadRequest, "malformed-request");
        }
    }

    [Theory]
    [InlineData(Datasets)]
    [InlineData("/api/v1/models/any/versions")]
    public async Task Only_developers_upload(string path) =>
        (await Gateway.UploadAsync(path, Metadata(), [1], "victor")).MustBe(HttpStatusCode.Forbidden, "role-required");

    [Theory]
    [InlineData(Datasets)]
    [InlineData("/api/v1/models/any/versions")]
    public async Task Two_gigabytes_announced_are_refused_before_they_come(string path)
    {
        var said = await RawHttp.SendAsync(Gateway.Address, await HeadAsync(path, $"Content-Length: {2L << 30}"), [], Token);
        Assert.StartsWith("HTTP/1.1 413", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Datasets)]
    [InlineData("/api/v1/models/any/versions")]
    public async Task Two_gigabytes_that_just_keep_coming_are_refused_at_the_limit_and_leave_nothing(string path)
    {
        var metadata = path == Datasets ? Spoil(_ => { }) : VersionMetadata().ToJsonString();
        var start = $"--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        var zeros = Chunk(new byte[1 << 16]);
        var before = Stored();
        var said = await RawHttp.SendAsync(
            Gateway.Address, await HeadAsync(path, "Transfer-Encoding: chunked"), [Chunk(Encoding.UTF8.GetBytes(start)), .. Enumerable.Repeat(zeros, 2 << 14)], Token);

        Assert.StartsWith("HTTP/1.1 413", said, StringComparison.Ordinal);
        Assert.Equal(before, Stored());
    }

    public static TheoryData<string, byte[], string> BadModels() => new()
    {
        { "text", "this is no model"u8.ToArray(), "" },
        { "empty", [], "" },
        { "a zip", [0x50, 0x4b, 3, 4, .. new byte[100]], "" },
        { "external data", Onnx(m => m.Graph.Initializer.Add(External("../../../etc/passwd"))), "../../../etc/passwd" },
        { "custom operator", Onnx(m => m.Graph.Node.Add(new NodeProto { Domain = "evil.corp", OpType = "RunShell" })), "RunShell" },
        { "dynamic width", Onnx(m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1] = new() { DimParam = "F" }), "" },
        { "huge width", Onnx(m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1] = new() { DimValue = 1L << 40 }), "" },
        { "huge tensor", Onnx(m => m.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 1L << 20, 1L << 20 } })), "" },
        { "other width than the features", OnnxWriter.Write(new LogisticModel(["a", "b", "c"], 0, [1, 2, 3]), "three"), "" },
    };

    [Theory]
    [MemberData(nameof(BadModels), DisableDiscoveryEnumeration = true)]
    public async Task A_model_file_that_is_not_safe_is_refused_with_the_reason_and_no_version_is_made(string what, byte[] file, string fault)
    {
        await SmallModelAsync();
        var answer = (await Gateway.UploadAsync(Versions, VersionMetadata(), file, "dana")).MustBe(HttpStatusCode.UnprocessableEntity, "model-refused");

        Assert.True(answer.Faults.Count > 0 && answer.Faults.Any(f => f.Contains(fault, StringComparison.Ordinal)), $"{what}: {answer}");
        Assert.Empty((await Gateway.ReadAsync("/api/v1/models/small"))["versions"]!.AsArray());
    }

    [Fact]
    public async Task A_model_that_names_no_column_or_a_null_is_refused()
    {
        await SmallModelAsync();
        foreach (var features in new JsonArray[] { new("salary"), new((JsonNode?)null), new("income", "income") })
        {
            var metadata = VersionMetadata();
            metadata["features"] = features;
            var answer = await Gateway.UploadAsync(Versions, metadata, Onnx(_ => { }), "dana");
            Assert.True(answer.Status == HttpStatusCode.UnprocessableEntity && answer.Code is not null, answer.ToString());
        }
    }

    private static byte[] Onnx(Action<ModelProto> spoil)
    {
        var model = ModelProto.Parser.ParseFrom(OnnxWriter.Write(new LogisticModel(["income"], 0.5, [-1]), "small"));
        spoil(model);
        return model.ToByteArray();
    }

    private static TensorProto External(string location) => new()
    {
        Name = "w", DataType = 1, Dims = { 2 }, DataLocation = TensorProto.Types.DataLocation.External,
        ExternalData = { new StringStringEntryProto { Key = "location", Value = location } },
    };

    private static byte[] Chunk(byte[] content) => [.. Encoding.ASCII.GetBytes($"{content.Length:x}\r\n"), .. content, (byte)'\r', (byte)'\n'];

    private static JsonObject Metadata(string id = "small-data", string use = "training") => new()
    {
        ["id"] = id,
        ["name"] = "Small",
        ["use"] = use,
        ["schema"] = new JsonObject
        {
            ["columns"] = new JsonArray(Column("id", "subjectId", "text"), Column("income", "feature", "number32"), Column("sex", "protected", "category"), Column("bad", "label", "number64")),
        },
        ["referenceGroups"] = new JsonObject { ["sex"] = "m" },
        ["legalBasis"] = "contract",
        ["retentionMonths"] = 12,
    };

    private static JsonObject Column(string name, string role, string type) => new() { ["name"] = name, ["role"] = role, ["type"] = type };

    private static JsonObject VersionMetadata() => new()
    {
        ["description"] = "First", ["features"] = new JsonArray("income"), ["trainingDataset"] = "small-train", ["evaluationDataset"] = "small-test", ["threshold"] = 0.5,
        ["favourablePrediction"] = 0,
    };

    private static string Spoil(Action<JsonObject> spoil)
    {
        var metadata = Metadata();
        spoil(metadata);
        return metadata.ToJsonString();
    }

    private async Task<string> HeadAsync(string path, string length) =>
        $"POST {path} HTTP/1.1\nHost: {Gateway.Address.Authority}\nAuthorization: Bearer {await Gateway.TokenAsync("dana")}\nContent-Type: multipart/form-data; boundary=b\n{length}";

    private long Stored() => Directory.EnumerateFiles(Path.Combine(Gateway.Folder, "artifacts"), "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);

    private async Task RefusedAsync(string what, byte[] csv, string fault)
    {
        var answer = (await Gateway.UploadAsync(Datasets, Metadata(), csv, "dana")).MustBe(HttpStatusCode.UnprocessableEntity, "dataset-refused");
        Assert.True(answer.Faults.Any(f => f.Contains(fault, StringComparison.OrdinalIgnoreCase)), $"{what}: {answer}");
        (await Gateway.GetAsync(Datasets + "/small-data")).MustBe(HttpStatusCode.NotFound, "dataset-unknown");
    }

    /// <summary>A model with data, made once; a repeated registration is a conflict, which is as good.</summary>
    private async Task SmallModelAsync()
    {
        await Gateway.PostAsync("/api/v1/models", Lender.Registration("small"), "dana", key: "small");
        await Gateway.UploadAsync(Datasets, Metadata("small-train"), Encoding.UTF8.GetBytes(Good), "dana", key: "train");
        (await Gateway.UploadAsync(Datasets, Metadata("small-test", "evaluation"), Encoding.UTF8.GetBytes(Good), "dana", key: "test")).MustBe(HttpStatusCode.Created);
    }
}
