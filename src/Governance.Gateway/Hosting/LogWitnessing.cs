using Governance.Gateway.Identity;
using Governance.Ledger;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Hosting;

/// <summary>Has the witnesses of the configured policy cosign both logs, and says in the log of the gateway when one does not.</summary>
internal sealed partial class LogWitnessing(
    IOptions<GatewayOptions> options, GovernanceLogs logs, TimeProvider time, ILogger<LogWitnessing> log) : IHostedService, IAsyncDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly List<CheckpointWitnessing> running = [];

    /// <summary>The policy in the file; null when none is configured.</summary>
    /// <exception cref="StartupRefusedException">It is not one.</exception>
    public static WitnessPolicy? Load(GatewayOptions options)
    {
        try
        {
            return options.WitnessPolicy.Length == 0 ? null : WitnessPolicy.Parse(File.ReadAllText(options.WitnessPolicy));
        }
        catch (FormatException e)
        {
            throw new StartupRefusedException($"Gateway:WitnessPolicy: {options.WitnessPolicy}: {e.Message}");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Load(options.Value) is { } policy)
        {
            foreach (var named in logs.All)
            {
                var witnessing = new CheckpointWitnessing(named.Log, named.Folder, http, new WitnessingOptions
                {
                    Policy = policy,
                    Time = time,
                    Refused = (witness, reply) => NotCosigned(named.Name, witness.Name, reply.Status, reply.Reason),
                });
                running.Add(witnessing);
                witnessing.Start();
            }
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var witnessing in running)
        {
            await witnessing.DisposeAsync();
        }

        running.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        http.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "The {Name} log: witness {Witness}: {Status}. {Reason}")]
    private partial void NotCosigned(string name, string witness, WitnessStatus status, string reason);
}
