using Governance.Core.Decisions;
using Governance.Gateway.Policy;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Watching;
using Governance.Serving.Watching;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Watching;

/// <summary>Two gateways judge each their own traffic and share one log of alerts.</summary>
public sealed class AlertBookTests(LenderFixture lender)
{
    private const int Version = LenderFixture.CorrectedVersion;
    private static readonly MonitorReading Slow = new(Monitors.Latency, "", 2000, 1000);
    private static readonly MonitorReading Quick = Slow with { Value = 10 };

    [Fact]
    public async Task An_alert_is_over_for_who_raised_it_and_an_hour_later_for_anybody()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var time = new SettableTime();
        await using var gateway = await TestGateway.StartAsync(copy.Path, time);
        var (governor, policy) = (gateway.Services.GetRequiredService<Governor>(), gateway.Services.GetRequiredService<PolicyInForce>());
        var (first, second) = (new AlertBook(governor, policy, time), new AlertBook(governor, policy, time));

        Assert.True(await JudgeAsync(first, Slow, 2));
        Assert.False(await JudgeAsync(second, Slow, 2));
        await JudgeAsync(second, Quick, 5);
        Assert.Single(governor.State.LiveAlerts);
        await JudgeAsync(first, Quick, 3);
        Assert.Empty(governor.State.LiveAlerts);

        Assert.True(await JudgeAsync(first, Slow, 2));
        time.Set(TimeSpan.FromMinutes(61));
        await JudgeAsync(second, Quick, 3);
        Assert.Empty(governor.State.LiveAlerts);
    }

    private static async Task<bool> JudgeAsync(AlertBook book, MonitorReading reading, int times)
    {
        var raised = false;
        for (var i = 0; i < times; i++)
        {
            raised |= await book.JudgeAsync(Lender.Model, Version, reading, TestContext.Current.CancellationToken);
        }

        return raised;
    }
}
