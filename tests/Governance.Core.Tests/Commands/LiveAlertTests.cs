using Governance.Core.Commands;
using Governance.Core.Events;
using Governance.Core.Oversight;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class LiveAlertTests
{
    private static readonly RaiseLiveAlert Raise = new(Samples.ModelId, 1, "psi", "income", 0.31, 0.25, "The feature income moved.");
    private static readonly ClearLiveAlert Clear = new(Samples.ModelId, 1, "psi", "income");

    [Fact]
    public async Task An_alert_is_open_once_and_stands_out_until_it_is_over()
    {
        using var world = await World.WithVersionAsync();
        Assert.Empty(await world.AcceptAsync(Clear, People.System));
        Assert.IsType<LiveAlertRaised>(Assert.Single(await world.AcceptAsync(Raise, People.System)).Event);
        Assert.Empty(await world.AcceptAsync(Raise with { Value = 0.9 }, People.System));
        var alert = Assert.Single(Alerts.At(world.State, World.Start), a => a.Kind == AlertKind.LiveMonitor);
        Assert.Equal((Samples.ModelId, 1, Raise.Message), (alert.ModelId, alert.Version, alert.Message));

        Assert.IsType<LiveAlertCleared>(Assert.Single(await world.AcceptAsync(Clear, People.System)).Event);
        Assert.DoesNotContain(Alerts.At(world.State, World.Start), a => a.Kind == AlertKind.LiveMonitor);
        Assert.Single(await world.AcceptAsync(Raise, People.System));
    }

    [Fact]
    public async Task Only_the_gateway_raises_them_with_figures_that_are_numbers()
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(Raise, People.Olivia, "system-only");
        await world.RefuseAsync(Clear, People.Olivia, "system-only");
        await world.RefuseAsync(Raise with { Version = 9 }, People.System, "version-unknown");
        await world.RefuseAsync(Raise with { Value = double.NaN }, People.System, "alert-invalid");
        await world.RefuseAsync(Raise with { Message = "" }, People.System, "alert-invalid");
    }
}
