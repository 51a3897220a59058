using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<Page<ScheduleDetails>> ListSchedulesAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<ScheduleDetails>>(Call.Get("api/v1/schedules"), cancellationToken);

    public Task<ScheduleDetails> GetScheduleAsync(string name, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ScheduleDetails>(Call.Get(Schedule(name)), cancellationToken);

    /// <summary>Asks for it now, also when it is paused; how it ended is seen later.</summary>
    public Task<ScheduleDetails> RunScheduleAsync(string name, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ScheduleDetails>(Call.Command(Schedule(name) + "/run", null), cancellationToken);

    public Task<ScheduleDetails> PauseScheduleAsync(string name, string reason, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ScheduleDetails>(Call.Command(Schedule(name) + "/pause", idempotencyKey, Bodies.Json(new PauseScheduleRequest(reason))), cancellationToken);

    public Task<ScheduleDetails> ResumeScheduleAsync(string name, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ScheduleDetails>(Call.Command(Schedule(name) + "/resume", idempotencyKey), cancellationToken);

    private static string Schedule(string name) => "api/v1/schedules/" + Segment(name);
}
