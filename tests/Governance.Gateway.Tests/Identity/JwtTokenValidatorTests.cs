using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Identity;
using Governance.Gateway.Identity;

namespace Governance.Gateway.Tests.Identity;

public sealed class JwtTokenValidatorTests
{
    private readonly TestTokens tokens = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Validate_GoodToken_GivesTheCaller()
    {
        var caller = await Accept(tokens.Claims());

        Assert.Equal("oid-1", caller.Subject);
        Assert.Equal("Vera Valid", caller.Name);
        Assert.Equal(CallerKind.Person, caller.Kind);
        Assert.Equal(RoleSet.Of(Role.Validator), caller.Roles);
        Assert.Equal([LineOfDefence.Second], caller.Lines);
        Assert.Equal("token-1", caller.TokenId);
        Assert.Equal(tokens.Time.GetUtcNow().AddHours(1), caller.ExpiresAt);
    }

    [Fact]
    public async Task Validate_WhenThePersonSignedIn_IsAuthTimeAlone()
    {
        Assert.Null((await Accept(tokens.Claims())).AuthenticatedAt);
        var claims = tokens.Claims();
        claims["auth_time"] = tokens.Time.GetUtcNow().ToUnixTimeSeconds() - 600;
        Assert.Equal(tokens.Time.GetUtcNow().AddMinutes(-10), (await Accept(claims)).AuthenticatedAt);
        claims["auth_time"] = "yesterday";
        Assert.Equal(TokenRefusal.Claim, await Refusal(claims));
    }

    [Theory]
    [InlineData(3600 + 59, true)]
    [InlineData(3600 + 60, false)]
    public async Task Validate_AroundExpiry_AllowsSixtySecondsOfSkew(int seconds, bool accepted)
    {
        var token = tokens.Sign(TestTokens.Header(), tokens.Claims());
        tokens.Time.Advance(TimeSpan.FromSeconds(seconds));

        var outcome = await tokens.Validator().ValidateAsync(token, Cancellation);

        Assert.Equal(accepted ? null : TokenRefusal.Expired, (outcome as TokenOutcome.Refused)?.Reason);
    }

    [Theory]
    [InlineData("nbf", 60, null)]
    [InlineData("nbf", 61, TokenRefusal.NotYetValid)]
    [InlineData("iat", 61, TokenRefusal.NotYetValid)]
    [InlineData("auth_time", 60, null)]
    [InlineData("auth_time", 61, TokenRefusal.NotYetValid)]
    public async Task Validate_BeforeItsTime_AllowsSixtySecondsOfSkew(string claim, int seconds, TokenRefusal? expected)
    {
        var claims = tokens.Claims();
        claims[claim] = tokens.Time.GetUtcNow().ToUnixTimeSeconds() + seconds;

        Assert.Equal(expected, await Refusal(claims));
    }

    [Theory]
    [InlineData("iss", "\"https://issuer.example/v2.0/\"", TokenRefusal.Issuer)]
    [InlineData("iss", "7", TokenRefusal.Claim)]
    [InlineData("aud", "\"someone-else\"", TokenRefusal.Audience)]
    [InlineData("aud", "[\"someone-else\"]", TokenRefusal.Audience)]
    [InlineData("aud", "[\"someone-else\",\"governance-test\"]", null)]
    [InlineData("aud", "[]", TokenRefusal.Claim)]
    [InlineData("aud", "{}", TokenRefusal.Claim)]
    [InlineData("exp", "\"1893456000\"", TokenRefusal.Claim)]
    [InlineData("exp", "1e300", TokenRefusal.Claim)]
    [InlineData("exp", "-1", TokenRefusal.Claim)]
    [InlineData("oid", "\"\"", TokenRefusal.Claim)]
    [InlineData("oid", "\"a\\u0000b\"", TokenRefusal.Claim)]
    [InlineData("name", "\"line\\nbreak\"", TokenRefusal.Claim)]
    [InlineData("roles", "[\"wizard\"]", TokenRefusal.NoRole)]
    [InlineData("roles", "[\"Validator\"]", TokenRefusal.NoRole)]
    [InlineData("roles", "[\"2\"]", TokenRefusal.NoRole)]
    [InlineData("roles", "[]", TokenRefusal.NoRole)]
    [InlineData("roles", "[7]", TokenRefusal.Claim)]
    [InlineData("roles", "[\"wizard\",\"validator\"]", null)]
    public async Task Validate_ClaimOfAnotherValue(string claim, string json, TokenRefusal? expected)
    {
        var claims = tokens.Claims();
        claims[claim] = JsonNode.Parse(json);

        Assert.Equal(expected, await Refusal(claims));
    }

    [Theory]
    [InlineData("iss", TokenRefusal.Claim)]
    [InlineData("aud", TokenRefusal.Claim)]
    [InlineData("exp", TokenRefusal.Claim)]
    [InlineData("iat", TokenRefusal.Claim)]
    [InlineData("nbf", null)]
    [InlineData("oid", null)]
    [InlineData("roles", TokenRefusal.NoRole)]
    public async Task Validate_ClaimMissing(string claim, TokenRefusal? expected)
    {
        var claims = tokens.Claims();
        claims.Remove(claim);

        Assert.Equal(expected, await Refusal(claims));
    }

    [Fact]
    public async Task Validate_UnknownRoleBesideKnown_IsPassedOver()
    {
        var claims = tokens.Claims();
        claims["roles"] = new JsonArray("wizard", "owner", "developer");

        Assert.Equal(RoleSet.Of(Role.Developer, Role.Owner), (await Accept(claims)).Roles);
    }

    [Theory]
    [InlineData("app", null, CallerKind.Application)]
    [InlineData("app", "access", CallerKind.Application)]
    [InlineData(null, null, CallerKind.Application)]
    [InlineData(null, "access", CallerKind.Person)]
    [InlineData("user", null, CallerKind.Person)]
    public async Task Validate_IsAPersonOnlyWhereTheTokenSaysSo(string? type, string? scope, CallerKind expected)
    {
        var claims = tokens.Claims();
        Set(claims, "idtyp", type);
        Set(claims, "scp", scope);

        Assert.Equal(expected, (await Accept(claims)).Kind);
    }

    [Theory]
    [InlineData("{\"alg\":\"none\",\"kid\":\"k1\"}", TokenRefusal.Algorithm)]
    [InlineData("{\"alg\":\"NONE\",\"kid\":\"k1\"}", TokenRefusal.Algorithm)]
    [InlineData("{\"alg\":\"RS256\",\"kid\":\"k1\"}", TokenRefusal.Algorithm)]
    [InlineData("{\"alg\":\"ES384\",\"kid\":\"k1\"}", TokenRefusal.Algorithm)]
    [InlineData("{\"alg\":\"HS256\",\"kid\":\"k1\"}", TokenRefusal.Algorithm)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k2\"}", TokenRefusal.UnknownKey)]
    [InlineData("{\"alg\":\"ES256\"}", TokenRefusal.UnknownKey)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"id+jwt\"}", TokenRefusal.Type)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":7}", TokenRefusal.Type)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+JWT\"}", null)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"x5t\":\"abc\"}", null)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}", TokenRefusal.Malformed)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"jwk\":{}}", TokenRefusal.Malformed)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"k1\",\"kid\":\"k1\"}", TokenRefusal.Malformed)]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"\\ud800\"}", TokenRefusal.Malformed)]
    [InlineData("[]", TokenRefusal.Malformed)]
    public async Task Validate_Header(string header, TokenRefusal? expected) =>
        Assert.Equal(expected, Reason(await Validate(tokens.SignRaw(header, tokens.Claims().ToJsonString()))));

    [Fact]
    public async Task Validate_DuplicateClaim_IsRefused()
    {
        var claims = tokens.Claims().ToJsonString();
        var doubled = claims[..^1] + ",\"roles\":[\"administrator\"]}";

        Assert.Equal(TokenRefusal.Malformed, Reason(await Validate(tokens.SignRaw(TestTokens.Header().ToJsonString(), doubled))));
    }

    [Fact]
    public async Task Validate_PublicKeyUsedAsHmacSecret_IsRefused()
    {
        var input = TestTokens.Encode("{\"alg\":\"HS256\",\"kid\":\"k1\"}") + "." + TestTokens.Encode(tokens.Claims().ToJsonString());
        var token = input + "." + Base64Url.EncodeToString(HMACSHA256.HashData(tokens.PublicKeyBytes, Encoding.ASCII.GetBytes(input)));

        Assert.Equal(TokenRefusal.Algorithm, Reason(await Validate(token)));
    }

    [Fact]
    public async Task Validate_SignedByAnotherKey_IsRefused()
    {
        var token = new TestTokens().Sign(TestTokens.Header(), tokens.Claims());

        Assert.Equal(TokenRefusal.Signature, Reason(await Validate(token)));
    }

    [Fact]
    public async Task Validate_Oversize_IsRefusedBeforeItIsRead()
    {
        var claims = tokens.Claims();
        claims["padding"] = new string('x', JwtTokenValidator.MaximumLength);

        Assert.Equal(TokenRefusal.TooLarge, await Refusal(claims));
        Assert.Equal(0, tokens.Loads);
    }

    [Fact]
    public void Validate_AnyOtherCharacterAnywhere_IsRefused()
    {
        var token = tokens.Sign(TestTokens.Header(), tokens.Claims());
        var validator = tokens.Validator();

        Prop.ForAll(Gen.Choose(0, token.Length - 1).ToArbitrary(), Gen.Choose(0, 127).ToArbitrary(), (position, code) =>
        {
            var tampered = string.Concat(token.AsSpan(0, position), ((char)code).ToString(), token.AsSpan(position + 1));
            return tampered == token || validator.ValidateAsync(tampered, Cancellation).AsTask().GetAwaiter().GetResult() is TokenOutcome.Refused;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("aa..")]
    [InlineData("e31.e31.AB")]
    [InlineData("e31.e31.A")]
    [InlineData("e30=.e30.AA")]
    [InlineData("e30.e30")]
    [InlineData("e30.e30.AA.AA")]
    [InlineData("...")]
    [InlineData("")]
    public async Task Validate_NotStrictlyACompactJws_IsMalformed(string token) => Assert.Equal(TokenRefusal.Malformed, Reason(await Validate(token)));

    [Fact]
    public void Validate_AnyText_IsRefusedWithoutEcho()
    {
        var validator = tokens.Validator();
        Prop.ForAll<string?>(text =>
        {
            var outcome = validator.ValidateAsync(text ?? "", Cancellation).AsTask().GetAwaiter().GetResult();
            return outcome is TokenOutcome.Refused refused && (text is null || text.Length < 8 || !refused.Detail.Contains(text, StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();
    }

    private static void Set(JsonObject claims, string claim, string? value)
    {
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = value;
        }
    }

    private static TokenRefusal? Reason(TokenOutcome outcome) => (outcome as TokenOutcome.Refused)?.Reason;

    private async Task<TokenOutcome> Validate(string token) => await tokens.Validator().ValidateAsync(token, Cancellation);

    private async Task<TokenRefusal?> Refusal(JsonObject claims) => Reason(await Validate(tokens.Sign(TestTokens.Header(), claims)));

    private async Task<Caller> Accept(JsonObject claims) => Assert.IsType<TokenOutcome.Valid>(await Validate(tokens.Sign(TestTokens.Header(), claims))).Caller;
}
