using Governance.Core.Decisions;
using Governance.Gateway.Identity;
using Governance.Gateway.Inference.Nodes;
using Governance.Storage;
using Governance.Storage.Database;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Governance.Gateway.Hosting;

/// <summary>Chooses what holds the governance log: this node's files, or a database that several nodes share.</summary>
internal static class GovernanceStore
{
    public const string ConnectionName = "Governance";

    /// <exception cref="StartupRefusedException">A shared store is asked for without a connection string.</exception>
    public static void AddGovernanceStore(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var services = builder.Services;
        services.AddSingleton(p => new LogFreshness(
            options.Store == StoreKind.Files ? Timeout.InfiniteTimeSpan : options.MaxStaleness, p.GetRequiredService<TimeProvider>()));
        if (options.Store == StoreKind.Files)
        {
            services.TryAddSingleton<IEventStore>(p => new FileEventStore(p.GetRequiredService<GovernanceLogs>().Governance.Log));
            return;
        }

        var connection = builder.Configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new StartupRefusedException($"ConnectionStrings:{ConnectionName} is needed with Gateway:Store={options.Store}. See docs/operations/database.md.");
        }

        var location = new DatabaseLocation(options.Store == StoreKind.PostgreSql ? DatabaseKind.PostgreSql : DatabaseKind.SqlServer, connection);
        services.AddSingleton(p => DatabaseEventStore.OpenAsync(location, p.GetRequiredService<GovernanceLogs>().Governance.Log, CancellationToken.None).GetAwaiter().GetResult());
        services.AddSingleton<IEventStore>(p => p.GetRequiredService<DatabaseEventStore>());
        services.AddSingleton(p => new DatabaseSignal(location, p.GetRequiredService<TimeProvider>()));
        services.AddHostedService<LogFollowing>();
        services.AddNodes(location);
    }
}
