using System.Net;
using System.Text;

namespace Governance.Gateway.Tests.Api;

public sealed class IdempotencyTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Replayed = "Idempotency-Replayed";

    private TestGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task The_same_key_and_body_give_the_same_answer_and_one_model()
    {
        var first = (await Gateway.PostAsync("/api/v1/models", Lender.Registration("once"), "dana", "key-1")).MustBe(HttpStatusCode.Created);
        var again = (await Gateway.PostAsync("/api/v1/models", Lender.Registration("once"), "dana", "key-1")).MustBe(HttpStatusCode.Created);

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.Headers["Location"], again.Headers["Location"]);
        Assert.False(first.Headers.ContainsKey(Replayed));
        Assert.Equal("true", again.Headers[Replayed]);

        // Without the key it is what it is: there already.
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("once"), "dana")).MustBe(HttpStatusCode.Conflict, "model-exists");
    }

    [Fact]
    public async Task The_same_key_with_another_body_or_address_is_refused()
    {
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("first"), "dana", "key-2")).MustBe(HttpStatusCode.Created);
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("second"), "dana", "key-2")).MustBe(HttpStatusCode.Conflict, "idempotency-key-reused");
        (await Gateway.GetAsync("/api/v1/models/second")).MustBe(HttpStatusCode.NotFound, "model-unknown");

        (await Gateway.PostAsync("/api/v1/models/first/tier", new { tier = "two" }, "victor", "key-3")).MustBe(HttpStatusCode.OK);
        (await Gateway.PostAsync("/api/v1/models/once-more/tier", new { tier = "two" }, "victor", "key-3")).MustBe(HttpStatusCode.Conflict, "idempotency-key-reused");
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("Bad Id"), "dana", "key-4")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-model");
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("good-id"), "dana", "key-4")).MustBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Another_caller_may_use_the_same_key()
    {
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("shared"), "dana", "key-5")).MustBe(HttpStatusCode.Created);
        (await Gateway.PostAsync("/api/v1/models/shared/tier", new { tier = "one" }, "victor", "key-5")).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Many_at_once_make_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Gateway.PostAsync("/api/v1/models", Lender.Registration("crowd"), "dana", "key-6")));
        Assert.All(answers, a => a.MustBe(HttpStatusCode.Created));
        Assert.Single(answers, a => !a.Headers.ContainsKey(Replayed));
    }

    [Fact]
    public async Task An_upload_is_its_metadata_and_its_file()
    {
        var metadata = Lender.Dataset("upload-once", "training");
        var csv = Data.Csv.CsvTableWriter.Write(Lender.Portfolio.Evaluation);
        (await Gateway.UploadAsync("/api/v1/datasets", metadata, csv, "dana", "key-7")).MustBe(HttpStatusCode.Created);
        Assert.Equal("true", (await Gateway.UploadAsync("/api/v1/datasets", metadata, csv, "dana", "key-7")).MustBe(HttpStatusCode.Created).Headers[Replayed]);
        var shorter = Encoding.UTF8.GetBytes(string.Join('\n', Encoding.UTF8.GetString(csv).Split('\n')[..^2]) + "\n");
        (await Gateway.UploadAsync("/api/v1/datasets", metadata, shorter, "dana", "key-7")).MustBe(HttpStatusCode.Conflict, "idempotency-key-reused");
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("")]
    [InlineData("long")]
    public async Task A_key_is_short_and_printable(string key) =>
        (await Gateway.PostAsync("/api/v1/models", Lender.Registration("keyed"), "dana", key == "long" ? new string('k', 129) : key))
            .MustBe(HttpStatusCode.UnprocessableEntity, "invalid-idempotency-key");
}
