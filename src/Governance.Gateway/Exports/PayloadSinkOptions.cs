using Governance.Core.Inventory;
using Governance.Gateway.Notifications;

namespace Governance.Gateway.Exports;

/// <summary>A system that routes may send copies of their answered requests to, personal data in them: section <c>Gateway:PayloadSinks:{name}</c>.</summary>
public sealed class PayloadSinkOptions : SignedTargetOptions
{
    /// <summary>Everything wrong with the settings of sink <paramref name="name"/>, each naming its key; secrets are never shown.</summary>
    internal IEnumerable<string> Faults(string name)
    {
        var key = "Gateway:PayloadSinks:" + name;
        return Identifier.IsValid(name) ? TargetFaults(key) : TargetFaults(key).Prepend($"{key}: the name is {Identifier.Rule}.");
    }
}
