using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Data;
using Governance.Data.Csv;
using Governance.Data.Synthetic;
using Governance.Models.Training;

namespace Governance.Gateway.Tests.Api;

/// <summary>The synthetic lender's people at work on a gateway: each method is one request, as an application of theirs would make it.</summary>
internal static class Lender
{
    public const string Model = "synthetic-credit";
    public const string Route = $"/v2/models/{Model}/infer";
    public const string Training = "applications";
    public const string Reviewed = "applications-reviewed";
    public const string Evaluation = "later-applications";

    /// <summary>What the starter pack asks for, and a few more of each family: enough for every path here, and quick.</summary>
    public static readonly string[] Checks =
    [
        "validation.conversion_parity", "validation.discrimination", "validation.calibration", "validation.stability", "validation.drift", "fairness.adverse_impact",
        "fairness.group_rates", "fairness.group_scores", "fairness.conditional_impact", "fairness.inequality", "explainability.permutation_importance",
        "privacy.membership_inference", "robustness.perturbation", "robustness.numerical",
    ];

    private static readonly Lazy<SyntheticPortfolio> Made = new(() => SyntheticLender.Generate(20260101));
    private static readonly Lazy<TrainedModel> BiasedModel = new(() => SyntheticModels.TrainBiased(Portfolio));
    private static readonly Lazy<TrainedModel> CorrectedModel = new(() => SyntheticModels.TrainCorrected(Portfolio));

    public static SyntheticPortfolio Portfolio => Made.Value;

    public static TrainedModel Biased => BiasedModel.Value;

    public static TrainedModel Corrected => CorrectedModel.Value;

    public static JsonNode Schema => JsonSerializer.SerializeToNode(Portfolio.Schema, GovernanceJson.Options)!;

    public static object Registration(string id = Model) => new
    {
        id, name = "Synthetic credit", use = "Consumer credit", tier = "one", owner = "olivia", developers = Array.Empty<string>(), jurisdictions = new[] { "EU" }, automation = "sole",
    };

    public static JsonObject Dataset(string id, string use) => new()
    {
        ["id"] = id,
        ["name"] = "Applications",
        ["use"] = use,
        ["schema"] = Schema,
        ["referenceGroups"] = JsonSerializer.SerializeToNode(Portfolio.ReferenceGroups),
        ["legalBasis"] = "contract",
        ["retentionMonths"] = 36,
    };

    public static JsonObject Version(TrainedModel model, string training) => new()
    {
        ["description"] = model.Name,
        ["features"] = JsonSerializer.SerializeToNode(model.Features),
        ["trainingDataset"] = training,
        ["evaluationDataset"] = Evaluation,
        ["threshold"] = Portfolio.Threshold,
        ["favourablePrediction"] = Portfolio.FavourablePrediction,
    };

    public static async Task RegisterAsync(TestGateway gateway)
    {
        (await gateway.PostAsync("/api/v1/models", Registration(), "dana")).MustBe(HttpStatusCode.Created);
        (await gateway.PostAsync($"/api/v1/models/{Model}/tier", new { tier = "one" }, "victor")).MustBe(HttpStatusCode.OK);
        foreach (var (id, use, table) in new[]
        {
            (Training, "training", Portfolio.History), (Reviewed, "training", Portfolio.Reviewed), (Evaluation, "evaluation", Portfolio.Evaluation),
        })
        {
            (await gateway.UploadAsync("/api/v1/datasets", Dataset(id, use), CsvTableWriter.Write(table), "dana")).MustBe(HttpStatusCode.Created);
        }
    }

    public static async Task<int> SubmitAsync(TestGateway gateway, TrainedModel model, string training)
    {
        var answer = await gateway.UploadAsync($"/api/v1/models/{Model}/versions", Version(model, training), model.Onnx.ToArray(), "dana");
        return answer.MustBe(HttpStatusCode.Created).Json["submission"]!["number"]!.GetValue<int>();
    }

    /// <summary>Starts a run and follows its events to the end; the last event is the run as it ended.</summary>
    public static async Task<JsonNode> RunAsync(TestGateway gateway, int version, params string[] checks)
    {
        var started = (await gateway.PostAsync($"/api/v1/models/{Model}/versions/{version}/runs", new { checks, seed = 1 }, "victor")).MustBe(HttpStatusCode.Accepted);
        Assert.Equal("/api/v1/runs/" + started.Json["id"], started.Headers["Location"]);
        var events = await gateway.GetAsync($"{started.Headers["Location"]}/events", "victor");
        Assert.Equal("text/event-stream", events.MustBe(HttpStatusCode.OK).MediaType);
        var last = events.Text.Split('\n').Last(l => l.StartsWith("data:", StringComparison.Ordinal));
        return JsonNode.Parse(last["data:".Length..])!;
    }

    public static async Task<Answer> SignOffAsync(TestGateway gateway, int version, string persona, string role, string meaning = "approved")
    {
        var binding = (await gateway.ReadAsync($"/api/v1/models/{Model}/versions/{version}"))["binding"]!.GetValue<string>();
        return await gateway.PostAsync($"/api/v1/models/{Model}/versions/{version}/sign-offs", new { role, meaning, comment = "Looked at the evidence.", binding }, persona);
    }

    public static Task<Answer> PromoteAsync(TestGateway gateway, int version) =>
        gateway.PostAsync($"/api/v1/models/{Model}/versions/{version}/promotions", new { }, "olivia");

    /// <summary>Puts a pack into force by two people.</summary>
    public static async Task PublishAsync(TestGateway gateway, PolicyFiles pack)
    {
        const string Proposals = "/api/v1/policy/proposals";
        var request = System.Text.Encoding.UTF8.GetString(GovernanceJson.Serialize(new ProposePolicyRequest(pack, "A change.")));
        var proposed = (await gateway.PostAsync(Proposals, request, "victor")).MustBe(HttpStatusCode.Created).Json;
        (await gateway.PostAsync($"{Proposals}/{proposed["id"]}/approval", new { archive = proposed["archive"]!.GetValue<string>(), comment = "Looked." }, "carla"))
            .MustBe(HttpStatusCode.OK);
    }

    /// <summary>An inference request for one row of the evaluation data.</summary>
    public static JsonObject Call(string subject, int row = 0) => new()
    {
        ["id"] = $"request-{Guid.NewGuid():N}",
        ["parameters"] = new JsonObject { ["subject_id"] = subject },
        ["inputs"] = new JsonArray(new JsonObject
        {
            ["name"] = "features",
            ["shape"] = new JsonArray(1, Corrected.Features.Count),
            ["datatype"] = "FP32",
            ["data"] = new JsonArray([.. Corrected.Features.Select(f => JsonValue.Create(((Float32Column)Portfolio.Evaluation[f]).Values.Span[row]))]),
        }),
    };

    public static Task<Answer> InferAsync(TestGateway gateway, string subject, int row = 0) => gateway.PostAsync(Route, Call(subject, row), "loans-app");

    public static async Task<string> ApprovedErasureAsync(TestGateway gateway, string subject)
    {
        var request = (await gateway.PostAsync("/api/v1/erasures", new { subject, ground = "consent_withdrawn" }, "dora")).MustBe(HttpStatusCode.Created);
        var id = request.Json["id"]!.GetValue<string>();
        (await gateway.PostAsync($"/api/v1/erasures/{id}/approvals", new { role = "compliance" }, "carla")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync($"/api/v1/erasures/{id}/approvals", new { role = "owner" }, "olivia")).MustBe(HttpStatusCode.OK);
        return id;
    }
}
