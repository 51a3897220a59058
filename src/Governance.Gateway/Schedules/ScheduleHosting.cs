using Governance.Gateway.Hosting;
using Governance.Storage.Database;
using Microsoft.Data.SqlClient;
using Npgsql;
using Quartz;

namespace Governance.Gateway.Schedules;

/// <summary>Registers the schedulers. Work is added with <see cref="AddWork{T}"/>.</summary>
internal static class ScheduleHosting
{
    /// <summary>How soon the others notice that a gateway died.</summary>
    private static readonly TimeSpan CheckIn = TimeSpan.FromSeconds(5);

    /// <summary>A retry never takes the place of the next due time: what runs every minute is not tried for longer than that.</summary>
    private const int Retries = 3;

    private const double RetryFactor = 3;

    /// <summary>What a gateway without a name of its own is called where its work is shown.</summary>
    private const string OnlyGateway = "gateway";

    public static void AddSchedules(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var services = builder.Services;
        services.AddQuartz(Schedulers.Node, q => Configure(q, options).UseInMemoryStore());
        services.AddQuartz(Schedulers.Shared, q =>
        {
            Configure(q, options);
            if (options.Store == StoreKind.Files)
            {
                q.UseInMemoryStore();
            }
            else
            {
                UseDatabase(q, options.Store, builder.Configuration.GetConnectionString(GovernanceStore.ConnectionName)!);
            }
        });
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
        services.AddSingleton<Schedulers>();
        services.AddSingleton<ScheduleCatalogue>();
        services.AddSingleton<ScheduleBook>();
        services.AddHostedService<ScheduleSetting>();
    }

    /// <summary>One more kind of work, a singleton.</summary>
    public static void AddWork<T>(this IServiceCollection services)
        where T : class, IScheduledWork
    {
        services.AddSingleton<T>();
        services.AddSingleton<IScheduledWork>(p => p.GetRequiredService<T>());
    }

    private static IQuartzBuilder Configure(IQuartzBuilder quartz, GatewayOptions options)
    {
        quartz.ConfigureScheduler(s =>
        {
            s.InstanceId = options.Replica ?? OnlyGateway;
            s.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        quartz.UseDefaultThreadPool(2);
        quartz.UseDefaultRetryPolicy(RetryPolicy.Exponential(Retries, options.Schedules.RetryAfter, RetryFactor));
        quartz.AddTriggerListener<FailureRecording>();
        return quartz;
    }

    private static void UseDatabase(IQuartzBuilder quartz, StoreKind kind, string connection) => quartz.UsePersistentStore(store =>
    {
        _ = kind == StoreKind.PostgreSql
            ? store.UsePostgres(NpgsqlFactory.Instance, connection)
            : store.UseSqlServer(SqlClientFactory.Instance, connection);
        store.ConfigureStore(o =>
        {
            o.TablePrefix = ScheduleTables.Prefix;
            o.StoreJobDataAsStrings = true;
        });
        store.UseClustering(c => c.CheckinInterval = CheckIn);
    });
}
