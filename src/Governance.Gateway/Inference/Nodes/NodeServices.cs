using Governance.Gateway.Schedules;
using Governance.Serving.Requests;
using Governance.Storage.Database;
using Governance.Storage.Database.Requests;

namespace Governance.Gateway.Inference.Nodes;

/// <summary>What gateways that share a governance log do about each other's requests. A gateway that is alone has none of it.</summary>
internal static class NodeServices
{
    public static void AddNodes(this IServiceCollection services, DatabaseLocation location)
    {
        services.AddSingleton(new RequestTable(location));
        services.AddSingleton<NodeRegistration>();
        services.AddSingleton<IRequestReservations, SharedRequests>();
        services.AddWork<RequestIdCleaning>();
    }
}
