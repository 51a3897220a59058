using System.Net;
using System.Text;
using Governance.Gateway.Identity;
using Governance.Gateway.Identity.Jose;
using Governance.Testing;

namespace Governance.Gateway.Tests.Identity;

public sealed class KeySetCacheTests
{
    private readonly TestTokens tokens = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_KnownKey_AsksOnceAnHour()
    {
        using var cache = tokens.Cache();
        await cache.FindAsync("k1", Cancellation);
        tokens.Time.Advance(TimeSpan.FromMinutes(59));
        await cache.FindAsync("k1", Cancellation);
        Assert.Equal(1, tokens.Loads);

        tokens.Time.Advance(TimeSpan.FromMinutes(1));
        await cache.FindAsync("k1", Cancellation);
        Assert.Equal(2, tokens.Loads);
    }

    [Fact]
    public async Task Find_UnknownKeys_AskAtMostOnceAMinute()
    {
        using var cache = tokens.Cache();
        for (var i = 0; i < 100; i++)
        {
            await cache.FindAsync("unknown-" + i, Cancellation);
        }

        Assert.Equal(1, tokens.Loads);
        tokens.Time.Advance(TimeSpan.FromMinutes(1));
        await cache.FindAsync("unknown", Cancellation);
        Assert.Equal(2, tokens.Loads);
    }

    [Fact]
    public async Task Find_SourceFails_LastGoodKeysServeForADay()
    {
        var fails = false;
        using var cache = new KeySetCache(
            _ => fails ? throw new HttpRequestException("down") : Task.FromResult(JsonWebKeySet.Parse(Encoding.UTF8.GetBytes(tokens.KeySetJson()))), tokens.Time);
        Assert.NotNull(await cache.FindAsync("k1", Cancellation));
        fails = true;

        tokens.Time.Advance(TimeSpan.FromHours(23));
        Assert.NotNull(await cache.FindAsync("k1", Cancellation));
        tokens.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await cache.FindAsync("k1", Cancellation));
    }

    [Theory]
    [InlineData("https://issuer.example/v2.0", "https://keys.example/jwks", true)]
    [InlineData("https://evil.example", "https://keys.example/jwks", false)]
    [InlineData("https://issuer.example/v2.0", "http://keys.example/jwks", false)]
    public async Task Read_Metadata_FollowsOnlyItsOwnIssuerOverHttps(string issuer, string keys, bool accepted)
    {
        using var handler = new Pages
        {
            ["https://issuer.example/metadata"] = $$"""{"issuer":"{{issuer}}","jwks_uri":"{{keys}}"}""",
            [keys] = tokens.KeySetJson(),
        };
        using var reader = new KeySetReader(
            new IdentitySettings { Issuer = TestTokens.Issuer, Audience = TestTokens.Audience, Jwks = "https://issuer.example/metadata" }, handler);

        if (accepted)
        {
            Assert.True((await reader.ReadAsync(Cancellation)).TryFind("k1", out _));
        }
        else
        {
            await Assert.ThrowsAsync<FormatException>(() => reader.ReadAsync(Cancellation));
        }
    }

    [Fact]
    public async Task Read_File()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("jwks.json"), tokens.KeySetJson(), Cancellation);
        using var reader = new KeySetReader(
            new IdentitySettings { Issuer = TestTokens.Issuer, Audience = TestTokens.Audience, Jwks = folder.File("jwks.json") }, new Pages());

        Assert.True((await reader.ReadAsync(Cancellation)).TryFind("k1", out _));
    }

    private sealed class Pages : HttpMessageHandler
    {
        private readonly Dictionary<string, string> pages = [];

        public string this[string address]
        {
            set => pages[address] = value;
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(pages[request.RequestUri!.AbsoluteUri]) });
    }
}
