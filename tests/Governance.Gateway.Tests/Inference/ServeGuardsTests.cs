using System.Net;
using Governance.Gateway.Policy;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Tests.Live;
using Governance.Serving;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Inference;

public sealed class ServeGuardsTests(LenderFixture lender)
{
    [Fact]
    public async Task One_guard_is_kept_for_each_version_however_often_its_model_changes()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await LiveRoute.WithThirdAsync(gateway, LiveRoute.Other);
        foreach (var version in new[] { 3, 2, 3, 2 })
        {
            (await Lender.PromoteAsync(gateway, version)).MustBe(HttpStatusCode.Created);
            (await Lender.InferAsync(gateway, "GUARD-1")).MustBe(HttpStatusCode.OK);
        }

        Assert.Equal(2, ((ServeGuards)gateway.Services.GetRequiredService<IRequestGuard>()).Count);
    }
}
