using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Tests.Portal;

/// <summary>Records what the forms asked for; answers as <see cref="Answer"/> says.</summary>
internal sealed class SampleActions(SampleReader reader) : IPortalActions
{
    private readonly List<string> asked = [];

    public Refusal? Answer { get; set; }

    public IReadOnlyList<string> Asked => asked;

    public ValueTask<Refusal?> SignOffAsync(
        Caller caller, string modelId, int version, Role role, SignOffMeaning meaning, string comment, Digest binding, string requestId, CancellationToken cancellationToken)
    {
        asked.Add($"{caller.Subject} signs {modelId}/{version} as {role.Name()}: {meaning}, {comment}, {binding.Abbreviated}");
        if (Answer is null)
        {
            reader.Add(new SignOffDetails(caller.Subject, caller.Name, role.Name(), (int)role.Line(), meaning, comment, new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero), true, 99));
        }

        return ValueTask.FromResult(Answer);
    }

    public ValueTask<Refusal?> RunChecksAsync(Caller caller, string modelId, int version, string requestId, CancellationToken cancellationToken) => Record($"{caller.Subject} runs {modelId}/{version}");

    public ValueTask<PortalOutcome> DoAsync(Caller caller, Command command, string requestId, CancellationToken cancellationToken)
    {
        asked.Add($"{caller.Subject}: {command}");
        return ValueTask.FromResult(new PortalOutcome(Answer, command switch { RaiseFinding => SampleReader.Finding, RequestWaiver or RenewWaiver => SampleReader.Waiver, _ => null }));
    }

    public ValueTask<Refusal?> PromoteAsync(Caller caller, string modelId, int version, string requestId, CancellationToken cancellationToken) => Record($"{caller.Subject} promotes {modelId}/{version}");

    public ValueTask<VerificationDetails> VerifyLedgerAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new VerificationDetails("governance", Answer is null, 10_412, "abc", Answer is null ? [] : ["Entry 17: the leaf hash differs."], 83.2));

    private ValueTask<Refusal?> Record(string what)
    {
        asked.Add(what);
        return ValueTask.FromResult(Answer);
    }
}
