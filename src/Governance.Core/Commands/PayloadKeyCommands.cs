using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Records that a replica's key state is sealed by another key. The gateway does: at the weekly roll, or when one of <see cref="Who"/> asks.</summary>
public sealed record RecordKeyRoll(string Log, string Key, long Epoch, IReadOnlyList<string> Retired) : Command
{
    /// <summary>Who may ask for a roll out of turn.</summary>
    public static IReadOnlyList<Role> Who { get; } = [Role.Administrator, Role.Dpo];

    public override string Stream => "keys/" + Log;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem() && context.Require("roll a key", [.. Who]) is { } refusal)
        {
            return refusal;
        }

        return context.State.PayloadKeys.TryGetValue(Log, out var known) && known.Epoch > Epoch
            ? Refusal.Conflict("key-rolled-back", $"Epoch {known.Epoch} was recorded before; {Epoch} is of an older key state.")
            : Decision.Accept(new PayloadKeyRolled(Log, Key, Epoch, Retired));
    }
}

/// <summary>Records that retired keys are gone. Only the gateway does.</summary>
public sealed record RecordKeysDestroyed(string Log, IReadOnlyList<string> Keys, string Ending) : Command
{
    public override string Stream => "keys/" + Log;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem())
        {
            return Refusal.Forbidden("system-only", "The gateway records what became of keys.");
        }

        return context.State.PayloadKeys.TryGetValue(Log, out var known) && Keys.All(k => known.Retired.Contains(k, StringComparer.Ordinal))
            ? Decision.Accept(new PayloadKeysDestroyed(Log, Keys, Ending))
            : Refusal.Conflict("key-not-retired", "Only a retired key is destroyed.");
    }
}

/// <summary>Records that an executed erasure is final. Only the gateway does, when every key of the time of the erasure is destroyed.</summary>
/// <param name="Log">The inference log whose payloads were erased.</param>
public sealed record FinaliseErasure(string RequestId, string Log) : Command
{
    public override string Stream => "erasure/" + RequestId;

    /// <summary>Whether nothing is left that opens a key state of before the erasure.</summary>
    public static bool IsDue(ErasureState erasure, PayloadKeyState keys) =>
        erasure is { Executed: { } executed, Finalised: null } && executed.KeyEpoch < keys.Epoch && keys.Retired.IsEmpty;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem())
        {
            return Refusal.Forbidden("system-only", "The gateway records that an erasure is final.");
        }

        if (!context.State.Erasures.TryGetValue(RequestId, out var erasure))
        {
            return Unknown.Erasure(RequestId);
        }

        return context.State.PayloadKeys.TryGetValue(Log, out var keys) && IsDue(erasure, keys)
            ? Decision.Accept(new ErasureFinalised(RequestId, keys.Epoch))
            : Refusal.Conflict("erasure-not-final", "The erasure is not executed, is final already, or a key of its time still exists.");
    }
}
