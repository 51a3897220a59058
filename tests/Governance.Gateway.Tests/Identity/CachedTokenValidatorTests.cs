using Governance.Core.Identity;
using Governance.Gateway.Identity;

namespace Governance.Gateway.Tests.Identity;

/// <summary>What is remembered of tokens, and for how long.</summary>
public sealed class CachedTokenValidatorTests
{
    private readonly TestTime time = new();
    private readonly Counting inner;
    private readonly CachedTokenValidator cache;

    public CachedTokenValidatorTests()
    {
        inner = new Counting(time);
        cache = new CachedTokenValidator(inner, time);
    }

    [Fact]
    public async Task A_valid_token_is_verified_once_a_minute()
    {
        var first = await Validate("a");
        Assert.Same(first, await Validate("a"));
        Assert.Equal(1, inner.Calls);
        time.Advance(CachedTokenValidator.Fresh);
        await Validate("a");
        await Validate("b");
        Assert.Equal(3, inner.Calls);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_has_it_verified_again()
    {
        await Validate("a");
        time.Advance(TimeSpan.FromDays(-400));
        await Validate("a");
        Assert.Equal(2, inner.Calls);
    }

    [Fact]
    public async Task A_token_is_not_remembered_beyond_its_expiry()
    {
        inner.ExpiresAt = time.GetUtcNow().AddSeconds(-50);
        await Validate("a");
        time.Advance(TimeSpan.FromSeconds(9));
        await Validate("a");
        Assert.Equal(1, inner.Calls);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<TokenOutcome.Refused>(await Validate("a"));
        Assert.Equal(2, inner.Calls);
    }

    [Fact]
    public async Task A_refused_token_is_not_remembered()
    {
        inner.ExpiresAt = DateTimeOffset.MinValue;
        await Validate("a");
        inner.ExpiresAt = time.GetUtcNow().AddHours(1);
        Assert.IsType<TokenOutcome.Valid>(await Validate("a"));
        Assert.Equal(2, inner.Calls);
    }

    [Fact]
    public async Task What_is_remembered_is_bounded()
    {
        for (var i = 0; i <= CachedTokenValidator.Most; i++)
        {
            await Validate($"{i}");
        }

        await Validate("0");
        Assert.Equal(CachedTokenValidator.Most + 2, inner.Calls);
    }

    private ValueTask<TokenOutcome> Validate(string token) => cache.ValidateAsync(token, TestContext.Current.CancellationToken);

    private sealed class Counting(TimeProvider time) : ITokenValidator
    {
        public int Calls { get; private set; }

        public DateTimeOffset ExpiresAt { get; set; } = time.GetUtcNow().AddHours(1);

        public ValueTask<TokenOutcome> ValidateAsync(string token, CancellationToken cancellationToken)
        {
            Calls++;
            return ValueTask.FromResult<TokenOutcome>(time.GetUtcNow() < ExpiresAt.AddMinutes(1) && ExpiresAt > DateTimeOffset.MinValue
                ? new TokenOutcome.Valid(new Caller { Subject = token, Name = token, Kind = CallerKind.Application, Roles = RoleSet.Of(Role.Client), TokenId = token, ExpiresAt = ExpiresAt })
                : new TokenOutcome.Refused(TokenRefusal.Expired, "It has expired."));
        }
    }
}
