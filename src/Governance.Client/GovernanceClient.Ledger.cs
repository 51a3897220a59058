using System.Globalization;
using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<IReadOnlyList<LogDetails>> ListLogsAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<IReadOnlyList<LogDetails>>(Call.Get("api/v1/ledger/logs"), cancellationToken);

    /// <summary>The latest checkpoint: a C2SP signed note.</summary>
    public Task<string> GetCheckpointAsync(string log, CancellationToken cancellationToken) =>
        sender.ReadTextAsync(Call.Get(Log(log) + "/checkpoint") with { Accept = "text/plain" }, cancellationToken);

    /// <summary>The verifier keys of the log's signers, one per line.</summary>
    public Task<string> GetLogKeysAsync(string log, CancellationToken cancellationToken) =>
        sender.ReadTextAsync(Call.Get(Log(log) + "/keys") with { Accept = "text/plain" }, cancellationToken);

    /// <param name="newestFirst">From the newest entry backwards; else from the first on.</param>
    public Task<Page<LogEntry>> ListEntriesAsync(string log, PageRequest page, bool newestFirst, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<LogEntry>>(
            Call.Get(Query.Page(Log(log) + "/entries", page, ("order", newestFirst ? "desc" : null))), cancellationToken);

    public Task<LogEntry> GetEntryAsync(string log, long index, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<LogEntry>(Call.Get(Log(log) + "/entries/" + index.ToString(CultureInfo.InvariantCulture)), cancellationToken);

    /// <summary>The proof of one entry, to be checked offline. Conflict <c>not-yet-checkpointed</c> until a checkpoint covers it.</summary>
    public Task<string> GetProofAsync(string log, long index, CancellationToken cancellationToken) =>
        sender.ReadTextAsync(
            Call.Get(Log(log) + "/proofs/" + index.ToString(CultureInfo.InvariantCulture)) with { Accept = "text/plain" }, cancellationToken);

    public Task<VerificationDetails> VerifyLogAsync(string log, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<VerificationDetails>(Call.Command(Log(log) + "/verification", null) with { Long = true }, cancellationToken);

    public Task<DecisionDetails> GetDecisionAsync(long index, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<DecisionDetails>(
            Call.Get("api/v1/decisions/" + index.ToString(CultureInfo.InvariantCulture)), cancellationToken);

    private static string Log(string log) => "api/v1/ledger/logs/" + Segment(log);
}
