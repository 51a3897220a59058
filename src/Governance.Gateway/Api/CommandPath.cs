using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Gateway.Identity;
using Governance.Gateway.Inference;
using Governance.Gateway.Policy;

namespace Governance.Gateway.Api;

/// <summary>How endpoints and pages reach the one decide-append path: with the caller, the policy in force and the idempotency key.</summary>
public sealed class CommandPath(Governor governor, PolicyInForce policy, ModelReadiness readiness)
{
    public const string IdempotencyHeader = "Idempotency-Key";

    public Governor Governor => governor;

    /// <summary>What is true now, or was at the instant the caller names.</summary>
    /// <exception cref="BadHttpRequestException"><paramref name="asOf"/> is no instant.</exception>
    public async Task<GovernanceState> StateAsync(string? asOf, CancellationToken cancellationToken) =>
        Instants.Parse(asOf) is { } instant ? await governor.AsOfAsync(instant, cancellationToken) : governor.State;

    /// <param name="request">What the idempotency key stands for: the request's own content.</param>
    public async Task<CommandOutcome> ExecuteAsync<TRequest>(HttpContext http, Command command, TRequest request) =>
        TryKey(http, request, out var key, out var refusal)
            ? await ExecuteAsync(http.GetCaller(), command, key, http.RequestAborted)
            : new CommandOutcome.Refused(refusal!);

    public async Task<CommandOutcome> ExecuteAsync(Caller caller, Command command, RequestKey? key, CancellationToken cancellationToken) =>
        await readiness.PrepareAsync(command, caller, cancellationToken) is { } unready
            ? new CommandOutcome.Refused(unready)
            : await governor.ExecuteAsync(command, caller, await policy.GateForAsync(command, cancellationToken), key, cancellationToken);

    /// <summary>Executes and answers: problem details for a refusal, else what <paramref name="answer"/> makes of the events.</summary>
    public async Task<IResult> AnswerAsync<TRequest>(
        HttpContext http, Command command, TRequest request, Func<IReadOnlyList<RecordedEvent>, IResult> answer) =>
        await ExecuteAsync(http, command, request) switch
        {
            CommandOutcome.Accepted accepted => Mark(http, accepted, answer(accepted.Events)),
            CommandOutcome.Refused refused => Problems.Result(refused.Refusal),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };

    private static IResult Mark(HttpContext http, CommandOutcome.Accepted accepted, IResult result)
    {
        if (accepted.Replayed)
        {
            http.Response.Headers["Idempotency-Replayed"] = "true";
        }

        return result;
    }

    private static bool TryKey<TRequest>(HttpContext http, TRequest request, out RequestKey? key, out Refusal? refusal)
    {
        key = null;
        refusal = null;
        var header = http.Request.Headers[IdempotencyHeader];
        if (header.Count == 0)
        {
            return true;
        }

        var text = header.ToString();
        if (header.Count > 1 || text.Length is 0 or > 128 || text.Any(c => c is <= ' ' or > '~'))
        {
            refusal = Refusal.Invalid("invalid-idempotency-key", "An Idempotency-Key is one header of 1 to 128 printable ASCII characters.");
            return false;
        }

        key = new RequestKey(text, Digest.Of(GovernanceJson.Serialize(new { path = http.Request.Path.Value, request })));
        return true;
    }
}
