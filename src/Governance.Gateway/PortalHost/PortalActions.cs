using System.Diagnostics;
using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Api;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Gateway.Portal;
using Governance.Gateway.Runs;

namespace Governance.Gateway.PortalHost;

/// <summary>What the pages' forms do: commands on the one path, with the form's request id as idempotency key.</summary>
internal sealed class PortalActions(CommandPath path, RunStarter starter, LogAuditor auditor, GovernanceLogs logs) : IPortalActions
{
    public async ValueTask<Refusal?> SignOffAsync(
        Caller caller, string modelId, int version, Role role, SignOffMeaning meaning, string comment, Digest binding, string requestId,
        CancellationToken cancellationToken) =>
        RefusalOf(await ExecuteAsync(caller, new SignOffVersion(modelId, version, role, meaning, comment, binding), requestId, cancellationToken));

    public async ValueTask<Refusal?> RunChecksAsync(Caller caller, string modelId, int version, string requestId, CancellationToken cancellationToken)
    {
        var (command, refusal) = starter.Command(modelId, version, checks: null, RunStarter.DefaultSeed);
        if (command is null)
        {
            return refusal;
        }

        // The run's id is made anew each time: what the key stands for is the form, not the id.
        var key = new RequestKey(requestId, Digest.Of(GovernanceJson.Serialize(new { modelId, version, action = "run" })));
        var outcome = await path.ExecuteAsync(caller, command, key, cancellationToken);
        if (outcome is CommandOutcome.Accepted accepted)
        {
            starter.Enqueue(accepted.Events);
        }

        return RefusalOf(outcome);
    }

    public async ValueTask<Refusal?> PromoteAsync(Caller caller, string modelId, int version, string requestId, CancellationToken cancellationToken) =>
        RefusalOf(await ExecuteAsync(caller, new PromoteVersion(modelId, version, PromotionTarget.Champion), requestId, cancellationToken));

    public async ValueTask<PortalOutcome> DoAsync(Caller caller, Command command, string requestId, CancellationToken cancellationToken)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(new { kind = command.GetType().Name, command = (object)command }, GovernanceJson.Options);
        var outcome = await path.ExecuteAsync(caller, command, new RequestKey(requestId, Digest.Of(content)), cancellationToken);
        var made = (outcome as CommandOutcome.Accepted)?.Events.Select(e => e.Event switch
        {
            FindingRaised raised => raised.FindingId,
            WaiverRequested requested => requested.WaiverId,
            _ => null,
        });
        return new PortalOutcome(RefusalOf(outcome), made?.FirstOrDefault(id => id is not null));
    }

    public async ValueTask<VerificationDetails> VerifyLedgerAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var audit = await auditor.VerifyAsync(logs.Governance, cancellationToken);
        return LogViews.Verification(logs.Governance, audit, Stopwatch.GetElapsedTime(started));
    }

    private static Refusal? RefusalOf(CommandOutcome outcome) => (outcome as CommandOutcome.Refused)?.Refusal;

    private Task<CommandOutcome> ExecuteAsync<TCommand>(Caller caller, TCommand command, string requestId, CancellationToken cancellationToken)
        where TCommand : Command =>
        path.ExecuteAsync(caller, command, new RequestKey(requestId, Digest.Of(GovernanceJson.Serialize(command))), cancellationToken);
}
