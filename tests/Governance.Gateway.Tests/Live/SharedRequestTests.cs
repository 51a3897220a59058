using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Gateway.Identity;
using Governance.Gateway.Inference.Nodes;
using Governance.Gateway.Tests.Api;
using Governance.Storage.Database.Requests;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Live;

/// <summary>A request id stands for one answer, whichever of two gateways is asked.</summary>
public sealed class SharedRequestTests(TwoGateways gateways) : IClassFixture<TwoGateways>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_request_has_one_answer_and_one_entry_on_both_and_another_one_is_refused()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var before = await gateways.EntriesAsync();
        foreach (var first in new[] { true, false })
        {
            var call = Lender.Call("SHARED-1");
            var answer = (await AskAsync(first, call)).MustBe(HttpStatusCode.OK);
            Assert.Equal(answer.Text, (await AskAsync(!first, call)).MustBe(HttpStatusCode.OK).Text);
            Assert.Equal(answer.Text, (await AskAsync(first, call)).MustBe(HttpStatusCode.OK).Text);
            Assert.Equal(answer.Text, (await AskAsync(!first, call)).MustBe(HttpStatusCode.OK).Text);

            call["parameters"]!["subject_id"] = "SHARED-2";
            (await AskAsync(!first, call)).MustBe(HttpStatusCode.Conflict, "request-id-reused");
            (await AskAsync(first, call)).MustBe(HttpStatusCode.Conflict, "request-id-reused");
        }

        Assert.Equal(before + 2, await gateways.EntriesAsync());
    }

    [Fact]
    public async Task Asked_of_both_at_once_it_is_answered_once()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var before = await gateways.EntriesAsync();
        for (var i = 0; i < 20; i++)
        {
            var call = Lender.Call("ONCE-" + i, i).ToJsonString();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => AskAsync(n % 2 == 0, JsonNode.Parse(call)!)));
            Assert.All(answers, a => Assert.Equal(answers[0].MustBe(HttpStatusCode.OK).Text, a.MustBe(HttpStatusCode.OK).Text));
        }

        Assert.Equal(before + 20, await gateways.EntriesAsync());
    }

    /// <summary>A request is passed on as it came: in binary form, in pieces, larger than one buffer.</summary>
    [Fact]
    public async Task Whatever_its_form_it_is_passed_on()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var binary = Lender.Call("FORM-1");
        var values = binary["inputs"]![0]!["data"]!.AsArray().Select(v => v!.GetValue<float>()).ToArray();
        binary["parameters"]!["binary_data_output"] = true;
        binary["inputs"]![0]!.AsObject().Remove("data");
        binary["inputs"]![0]!["parameters"] = new JsonObject { ["binary_data_size"] = 4 * values.Length };
        var json = Encoding.UTF8.GetBytes(binary.ToJsonString());
        HttpContent Binary()
        {
            var content = new ByteArrayContent([.. json, .. values.SelectMany(BitConverter.GetBytes)]);
            content.Headers.ContentType = new("application/octet-stream");
            content.Headers.Add("Inference-Header-Content-Length", json.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return content;
        }

        var answer = (await gateways.AskFirstAsync(Binary())).MustBe(HttpStatusCode.OK);
        var passed = (await gateways.AskSecondAsync(Binary())).MustBe(HttpStatusCode.OK);
        Assert.Equal(answer.Body, passed.Body);
        Assert.Equal(answer.Headers["Inference-Header-Content-Length"], passed.Headers["Inference-Header-Content-Length"]);
        Assert.Equal("application/octet-stream", passed.MediaType);

        var large = Lender.Call("FORM-2");
        large["parameters"]!["note"] = new string('x', 300_000);
        var text = large.ToJsonString();
        answer = (await gateways.AskSecondAsync(large)).MustBe(HttpStatusCode.OK);
        foreach (var _ in new[] { 1, 2 })
        {
            var pieces = new StreamContent(new Pieces(Encoding.UTF8.GetBytes(text)));
            pieces.Headers.ContentType = new("application/json");
            Assert.Equal(answer.Text, (await gateways.AskFirstAsync(pieces)).MustBe(HttpStatusCode.OK).Text);
        }
    }

    [Fact]
    public async Task What_was_not_answered_may_be_asked_of_the_other()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var (before, ofFirst) = (await gateways.EntriesAsync(), gateways.EntriesOfFirst);
        var call = Lender.Call("FREED-1");
        call["parameters"]!["reasons"] = true;
        (await gateways.AskSecondAsync(call)).MustBe(HttpStatusCode.UnprocessableEntity, "reasons-not-offered");
        call["parameters"]!.AsObject().Remove("reasons");
        var answer = (await gateways.AskFirstAsync(call)).MustBe(HttpStatusCode.OK);
        Assert.Equal(answer.Text, (await gateways.AskSecondAsync(call)).MustBe(HttpStatusCode.OK).Text);
        Assert.Equal((before + 1, ofFirst + 1), (await gateways.EntriesAsync(), gateways.EntriesOfFirst));
    }

    [Fact]
    public async Task While_the_one_that_answered_is_down_nobody_answers_and_afterwards_the_answer_is_the_same()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var call = Lender.Call("KILLED-1");
        var answer = (await gateways.AskSecondAsync(call)).MustBe(HttpStatusCode.OK);
        var before = await gateways.EntriesAsync();
        await gateways.KillSecondAsync();
        var refused = (await gateways.AskFirstAsync(call)).MustBe(HttpStatusCode.ServiceUnavailable, "request-answered-elsewhere");
        Assert.Equal("1", refused.Headers["Retry-After"]);
        Assert.Contains("'b'", refused.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        (await gateways.AskFirstAsync(Lender.Call("KILLED-2"))).MustBe(HttpStatusCode.OK);

        await gateways.StartSecondAsync();
        Assert.Equal(answer.Text, (await gateways.AskFirstAsync(call)).MustBe(HttpStatusCode.OK).Text);
        Assert.Equal(answer.Text, (await gateways.AskSecondAsync(call)).MustBe(HttpStatusCode.OK).Text);
        Assert.Equal(before + 1, await gateways.EntriesAsync());
    }

    [Fact]
    public async Task Without_the_database_no_new_id_is_answered_and_everything_else_is()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var known = Lender.Call("CUT-1");
        var answer = (await gateways.AskSecondAsync(known)).MustBe(HttpStatusCode.OK);
        var fresh = Lender.Call("CUT-2");
        gateways.DatabaseOfSecond.Sever();
        try
        {
            var refused = (await gateways.AskSecondAsync(fresh)).MustBe(HttpStatusCode.ServiceUnavailable, "request-ids-unavailable");
            Assert.Equal("1", refused.Headers["Retry-After"]);
            (await gateways.AskSecondAsync(JsonNode.Parse(LiveRoute.Call("CUT-3"))!)).MustBe(HttpStatusCode.OK);
            Assert.Equal(answer.Text, (await gateways.AskSecondAsync(known)).MustBe(HttpStatusCode.OK).Text);
            Assert.Equal(answer.Text, (await gateways.AskFirstAsync(known)).MustBe(HttpStatusCode.OK).Text);
        }
        finally
        {
            gateways.DatabaseOfSecond.Restore();
        }

        (await gateways.AskSecondAsync(fresh)).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_its_hour_an_id_is_free_and_its_row_is_deleted_and_nothing_in_the_rows_can_be_read()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var call = Lender.Call("OVER-1");
        (await gateways.AskSecondAsync(call)).MustBe(HttpStatusCode.OK);
        Assert.Equal("t", gateways.Sql("select bool_and(expires between now() + interval '1 hour' and now() + interval '70 minutes') from request.ids where ticket is not null and expires > now()"));
        var rows = gateways.Sql("select encode(request, 'escape') || node || ticket from request.ids");
        foreach (var text in new[] { call["id"]!.GetValue<string>(), "OVER-1", "loans-app", Lender.Model })
        {
            Assert.DoesNotContain(text, rows, StringComparison.Ordinal);
        }

        gateways.Sql("update request.ids set expires = now()");
        var before = await gateways.EntriesAsync();
        (await gateways.AskFirstAsync(call)).MustBe(HttpStatusCode.OK);
        Assert.Equal(before + 1, await gateways.EntriesAsync());
        await gateways.First.Services.GetRequiredService<RequestIdCleaning>().RunAsync(Token);
        Assert.Equal("1", gateways.Sql("select count(*) from request.ids"));
    }

    /// <summary>Whoever can change rows of the database is not sent a caller's token, and nothing goes round in circles.</summary>
    [Fact]
    public async Task An_address_that_no_gateway_wrote_is_not_used_and_what_was_passed_on_is_not_passed_on_again()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var call = Lender.Call("TAMPERED-1");
        var answer = (await gateways.AskSecondAsync(call)).MustBe(HttpStatusCode.OK);
        (await gateways.AskFirstAsync(call, passedOnBy: "c")).MustBe(HttpStatusCode.ServiceUnavailable, "request-answered-elsewhere");

        using var thief = new TcpListener(IPAddress.Loopback, 0);
        thief.Start();
        var address = gateways.Sql("select address from request.nodes where name = 'b'");
        gateways.Sql($"update request.nodes set address = 'http://127.0.0.1:{((IPEndPoint)thief.LocalEndpoint).Port}/' where name = 'b'");
        (await gateways.AskFirstAsync(call)).MustBe(HttpStatusCode.ServiceUnavailable, "request-answered-elsewhere");
        Assert.False(thief.Pending());
        gateways.Sql($"update request.nodes set address = '{address}' where name = 'b'");
        Assert.Equal(answer.Text, (await gateways.AskFirstAsync(call)).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task A_gateway_of_another_secret_or_with_the_name_of_another_does_not_start()
    {
        PostgreSqlServer.SkipUnlessInstalled();
        var refused = await Assert.ThrowsAsync<StartupRefusedException>(() => gateways.StartAnotherAsync("stranger", "c", evidence: false));
        Assert.Contains("evidence.pem", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<StartupRefusedException>(() => gateways.StartAnotherAsync("namesake", "b", evidence: true));
        Assert.Contains("named 'b'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("a,b", gateways.Sql("select string_agg(name, ',' order by name) from request.nodes"));
    }

    private Task<Answer> AskAsync(bool first, JsonNode call) => first ? gateways.AskFirstAsync(call) : gateways.AskSecondAsync(call);

    /// <summary>Bytes of a length nobody is told, a few at a time.</summary>
    private sealed class Pieces(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 7001)], cancellationToken);
    }
}
