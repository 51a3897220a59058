using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Gateway.Notifications;
using Governance.Gateway.Tests.Api;
using Governance.Testing;

namespace Governance.Gateway.Tests.Notifications;

public sealed class WebhookTests(LenderFixture lender)
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /// <summary>The vector that the libraries of Standard Webhooks are tested with; OpenSSL gives the same.</summary>
    [Fact]
    public void A_signature_is_that_of_Standard_Webhooks() =>
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSecret.TryParse(Secret)!.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8));

    [Theory]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64 at all, whatever it is")]
    public void What_is_no_secret_is_refused_and_not_repeated(string secret)
    {
        var faults = new WebhookOptions { Url = "https://example.org/hook", Secret = secret }.Faults("ops").ToList();
        Assert.StartsWith("Gateway:Webhooks:ops:Secret", Assert.Single(faults), StringComparison.Ordinal);
        Assert.True(secret.Length < 7 || !faults[0].Contains(secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://example.org/", false)]
    [InlineData("https://user:pass@example.org/", false)]
    [InlineData("ftp://example.org/", true)]
    [InlineData("/hook", true)]
    public void A_target_is_called_by_https_unless_it_is_inside(string url, bool inside) =>
        Assert.StartsWith("Gateway:Webhooks:ops:Url", Assert.Single(new WebhookOptions { Url = url, Secret = Secret, AllowPrivate = inside }.Faults("ops")), StringComparison.Ordinal);

    [Fact]
    public void Types_that_do_not_exist_are_refused()
    {
        Assert.Single(new WebhookOptions { Url = "https://example.org/", Secret = Secret, Types = ["governance.alarm.*"] }.Faults("ops"));
        Assert.Empty(new WebhookOptions { Url = "https://example.org/", Secret = Secret, Types = ["governance.alert.*", Notices.RunFailed] }.Faults("ops"));
    }

    [Fact]
    public void Pauses_grow_to_half_an_hour() => Assert.Equal(
        [1, 2, 4, 1024, 1800, 1800], new[] { 1, 2, 3, 11, 12, WebhookDelivery.MostAttempts }.Select(a => WebhookDelivery.Pause(a).TotalSeconds));

    [Fact]
    public void A_notice_repeats_nothing_that_a_person_typed()
    {
        Assert.Null(Told(new VersionSignedOff("credit", 1, "victor", "Victor Lindqvist", "validator", 2, SignOffMeaning.Approved, "A secret.", Digest.Of("b"u8))));
        foreach (var told in new GovernanceEvent[]
        {
            new VersionSuspended("credit", 1, "A secret of Victor."),
            new FindingRaised("credit", "credit.f1", 1, "A secret", "A secret of Victor.", FindingSeverity.High, "dana", default, null, null, "Victor Lindqvist"),
        })
        {
            var text = Encoding.UTF8.GetString(GovernanceJson.Serialize(Told(told)));
            Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Victor", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("dana", text, StringComparison.OrdinalIgnoreCase);
        }

        static CloudEvent<Notice>? Told(GovernanceEvent e) =>
            Notices.Of(new RecordedEvent { Stream = "model/credit", Version = 1, Time = default, Actor = "victor", Event = e, Position = 5 }, "example.test");
    }

    [Fact]
    public async Task What_happens_is_told_signed_until_it_is_taken_and_after_a_restart_too()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = HttpStatusCode.InternalServerError;
        string[] settings =
        [
            $"Webhooks:ops:Url={receiver.Address}", $"Webhooks:ops:Secret={Secret}", $"Webhooks:ops:PreviousSecret={Other}", "Webhooks:ops:AllowPrivate=true",
            "Webhooks:ops:Types:0=governance.version.*",
            // Nobody listens there: it must hold nobody back.
            $"Webhooks:dead:Url=http://127.0.0.1:{FreePort.Find()}/", $"Webhooks:dead:Secret={Secret}", "Webhooks:dead:AllowPrivate=true",
            // Leads inside and does not say that it may.
            $"Webhooks:inside:Url={receiver.Address.Replace("http:", "https:", StringComparison.Ordinal)}", $"Webhooks:inside:Secret={Secret}",
        ];
        await using (var gateway = await TestGateway.StartAsync(copy.Path, settings))
        {
            var suspension = $"/api/v1/models/{Lender.Model}/versions/2/suspension";
            (await gateway.PostAsync(suspension, new { reason = "Drift." }, "victor")).MustBe(HttpStatusCode.OK);
            await receiver.WaitAsync(1);
        }

        receiver.Answer = HttpStatusCode.NoContent;
        await using var again = await TestGateway.StartAsync(copy.Path, settings);
        await receiver.WaitAsync(r => r.Answered == HttpStatusCode.NoContent);
        var taken = receiver.Received[^1];
        Assert.Equal(receiver.Received[0].Id, taken.Id);
        Assert.StartsWith("application/cloudevents+json", taken.ContentType, StringComparison.Ordinal);
        Assert.Equal(
            new[] { Secret, Other }.Select(s => WebhookSecret.TryParse(s)!.Sign(taken.Id, taken.Timestamp, taken.Body)), taken.Signature.Split(' '));
        var notice = JsonNode.Parse(taken.Body)!;
        Assert.Equal(
            ("1.0", "governance.version.suspended", "model/" + Lender.Model, 2),
            (notice["specversion"]!.GetValue<string>(), notice["type"]!.GetValue<string>(), notice["subject"]!.GetValue<string>(), notice["data"]!["version"]!.GetValue<int>()));
        Assert.All(receiver.Received, r => Assert.DoesNotContain("Drift.", Encoding.UTF8.GetString(r.Body), StringComparison.Ordinal));
    }
}
