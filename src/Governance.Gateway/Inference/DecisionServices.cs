using Governance.Gateway.Hosting;
using Governance.Gateway.Inference.Nodes;
using Governance.Gateway.Portal;
using Governance.Ledger;
using Governance.Serving.Recording;
using Governance.Serving.Requests;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Inference;

/// <summary>What is done with recorded decisions: reading them back, answering a repeated request, having people review them.</summary>
internal static class DecisionServices
{
    public static void AddDecisions(this IServiceCollection services)
    {
        services.AddSingleton(p => new DecisionArchive(p.GetRequiredService<GovernanceLogs>().Inference.Log.Reader, p.GetRequiredService<PayloadStore>()));
        services.AddSingleton(new RequestMemoryOptions());
        services.AddSingleton(p => new RequestMemory(
            p.GetRequiredService<DecisionArchive>(), p.GetRequiredService<RequestMemoryOptions>(), p.GetRequiredService<TimeProvider>(), p.GetService<IRequestReservations>()));
        services.AddSingleton<RequestRelay>();
        services.AddSingleton(new ReviewOptions());
        services.AddSingleton(p => ReviewBook.Read(p.GetRequiredService<GovernanceLogs>().Inference.Log.Reader, ReviewSnapshotFile.Read(p.GetRequiredService<DataFolder>().ReviewSnapshot)));
        services.AddSingleton(p => ActivatorUtilities.CreateInstance<ReviewDesk>(p, p.GetRequiredService<GovernanceLogs>().Inference.Log));
        services.AddSingleton<ReviewRoom>();
        services.AddSingleton<IPortalReviews>(p => p.GetRequiredService<ReviewRoom>());
        services.AddSingleton<DecisionGrounds>();
        services.AddHostedService<ReviewKeeping>();
    }
}
