using System.Net;
using System.Text.Json.Nodes;
using Governance.Gateway.Tests.Api;
using Governance.Testing;

[assembly: AssemblyFixture(typeof(LenderFixture))]

namespace Governance.Gateway.Tests.Api;

/// <summary>
/// One walk through the main job, made once, over HTTP: the biased version 1 was checked and denied, the corrected version 2 was checked, signed and
/// promoted. What each step answered is kept. Tests that change anything work on a copy.
/// </summary>
public sealed class LenderFixture : IAsyncLifetime
{
    public const int BiasedVersion = 1;
    public const int CorrectedVersion = 2;
    private readonly TempFolder folder = new();
    private readonly SemaphoreSlim once = new(1, 1);
    private TestGateway? gateway;

    internal JsonNode BiasedRun { get; private set; } = null!;

    internal JsonNode CorrectedRun { get; private set; } = null!;

    internal Answer SelfSignOff { get; private set; } = null!;

    internal Answer BiasedPromotion { get; private set; } = null!;

    internal Answer EarlyPromotion { get; private set; } = null!;

    internal Answer Promotion { get; private set; } = null!;

    internal Answer InferenceBeforePromotion { get; private set; } = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The gateway at the end of the walk; the first to ask walks.</summary>
    internal async Task<TestGateway> GatewayAsync()
    {
        await once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return gateway ??= await WalkAsync(await TestGateway.StartAsync(folder.Path));
        }
        finally
        {
            once.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (gateway is not null)
        {
            await gateway.DisposeAsync();
        }

        once.Dispose();
        folder.Dispose();
    }

    private async Task<TestGateway> WalkAsync(TestGateway started)
    {
        try
        {
            await Lender.RegisterAsync(started);
            await Lender.SubmitAsync(started, Lender.Biased, Lender.Training);
            BiasedRun = await Lender.RunAsync(started, BiasedVersion, Lender.Checks);
            BiasedPromotion = await Lender.PromoteAsync(started, BiasedVersion);
            await Lender.SubmitAsync(started, Lender.Corrected, Lender.Reviewed);
            CorrectedRun = await Lender.RunAsync(started, CorrectedVersion, Lender.Checks);
            SelfSignOff = await Lender.SignOffAsync(started, CorrectedVersion, "dana", "validator");
            EarlyPromotion = await Lender.PromoteAsync(started, CorrectedVersion);
            InferenceBeforePromotion = await Lender.InferAsync(started, "APP-1");
            foreach (var (persona, role, meaning) in new[]
            {
                ("victor", "validator", "approved"), ("carla", "compliance", "approved"), ("chris", "committee", "approved"), ("olivia", "owner", "attested"),
            })
            {
                (await Lender.SignOffAsync(started, CorrectedVersion, persona, role, meaning)).MustBe(HttpStatusCode.Created);
            }

            Promotion = await Lender.PromoteAsync(started, CorrectedVersion);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }
}
