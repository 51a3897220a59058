using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Commands;

/// <summary>Records that a figure of live traffic went beyond its limit; nothing when that alert is open. Only the gateway does.</summary>
public sealed record RaiseLiveAlert(string ModelId, int Version, string Monitor, string About, double Value, double Limit, string Message) : Command
{
    /// <summary>Alerts of one version that may be open at a time.</summary>
    public const int MostOpen = 200;

    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (LiveAlerts.Refuse(context, ModelId, Version) is { } refusal)
        {
            return refusal;
        }

        if (!double.IsFinite(Value) || !double.IsFinite(Limit) || !Text.IsProse(Message, 500))
        {
            return Refusal.Invalid("alert-invalid", "An alert has finite figures and a message of 1 to 500 characters.");
        }

        var open = context.State.LiveAlerts;
        return open.ContainsKey(LiveAlertState.KeyOf(ModelId, Version, Monitor, About)) || open.Values.Count(a => a.Raised.ModelId == ModelId && a.Raised.Version == Version) >= MostOpen
            ? Decision.Accept()
            : Decision.Accept(new LiveAlertRaised(ModelId, Version, Monitor, About, Value, Limit, Message));
    }
}

/// <summary>Records that an open alert is over; nothing when it is not open. Only the gateway does.</summary>
public sealed record ClearLiveAlert(string ModelId, int Version, string Monitor, string About) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context) =>
        LiveAlerts.Refuse(context, ModelId, Version) is { } refusal ? refusal
        : context.State.LiveAlerts.ContainsKey(LiveAlertState.KeyOf(ModelId, Version, Monitor, About)) ? Decision.Accept(new LiveAlertCleared(ModelId, Version, Monitor, About))
        : Decision.Accept();
}

internal static class LiveAlerts
{
    public static Refusal? Refuse(DecisionContext context, string modelId, int version) =>
        !context.Caller.IsSystem() ? Refusal.Forbidden("system-only", "Alerts about live traffic are raised by the gateway.")
        : context.State.Version(modelId, version) is null ? Unknown.Version(modelId, version)
        : null;
}
