using Governance.Client.Contracts;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Components;

/// <summary>Where a version stands on its way: submitted, checked, signed, allowed, in service.</summary>
public sealed partial class Lifecycle
{
    [Parameter]
    [EditorRequired]
    public required VersionDetails Version { get; set; }

    private IEnumerable<(string Name, string State)> Steps
    {
        get
        {
            var served = Version.Status is VersionStatus.Promoted or VersionStatus.Canary or VersionStatus.Superseded or VersionStatus.Suspended;
            var steps = new (string Name, bool Done)[]
            {
                ("Submitted", true),
                ("Checked", Version.Evidence.Count > 0),
                ("Signed off", served || Version.SignOffs.Any(s => s is { Valid: true, Meaning: SignOffMeaning.Approved })),
                ("Gate passed", served || Version.LastGate?.Status == GateStatus.Allowed),
                ("In service", served),
            };
            var stopped = Version.Status is VersionStatus.Rejected or VersionStatus.Suspended;
            var next = Array.FindIndex(steps, s => !s.Done);
            return steps.Select((s, i) => (s.Name, Version.Status == VersionStatus.Suspended && i == steps.Length - 1 ? "bad"
                : s.Done ? "done"
                : i != next ? "later"
                : stopped ? "bad" : "now"));
        }
    }
}
