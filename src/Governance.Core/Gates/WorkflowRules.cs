using Governance.Core.Inventory;

namespace Governance.Core.Gates;

/// <summary>What the policy in force says about people's acts on models of a tier. Immutable.</summary>
public sealed record WorkflowRules
{
    /// <summary>How long ago a person may have proved who they are when they sign (21 CFR 11.200 asks for it; the length is a house rule).</summary>
    public TimeSpan SignatureMaxAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest a waiver may last, in days.</summary>
    public int WaiverDays { get; init; } = 365;

    /// <summary>How high the approvers of a first waiver stand, 1 to 3.</summary>
    public int WaiverLevel { get; init; } = 1;

    /// <summary>The longest an emergency waiver may last, in days.</summary>
    public int EmergencyDays { get; init; } = 30;

    /// <summary>Business days within which an emergency waiver is reviewed after the fact.</summary>
    public int EmergencyReviewDays { get; init; } = 5;

    /// <summary>Whether a serving version is suspended when a waiver of it lapses; else that is an alert.</summary>
    public bool LapseSuspends { get; init; }

    /// <summary>Whether a serving version is suspended when an emergency waiver of it stays unreviewed.</summary>
    public bool UnreviewedSuspends { get; init; } = true;

    /// <summary>From which severity on a finding is closed by somebody other than who raised it.</summary>
    public FindingSeverity SecondPersonFrom { get; init; } = FindingSeverity.Critical;

    /// <summary>Days after which evidence counts no more; reminders look at it.</summary>
    public int EvidenceDays { get; init; } = 1095;

    /// <summary>Age of evidence, in days, at which a serving version's checks are run again by themselves; 0 for never.</summary>
    public int RevalidationDays { get; init; } = 1065;

    /// <summary>
    /// The house's rules: waivers of 90, 180 and 365 days, for tier 1 approved by the committee; evidence of 12, 24 and 36 months, renewed 30 days before.
    /// </summary>
    public static WorkflowRules House(Tier tier) => tier switch
    {
        Tier.One => new WorkflowRules { WaiverDays = 90, WaiverLevel = 2, EvidenceDays = 365, RevalidationDays = 335 },
        Tier.Two => new WorkflowRules { WaiverDays = 180, EvidenceDays = 730, RevalidationDays = 700 },
        _ => new WorkflowRules(),
    };

    /// <summary>A number of days from Monday to Friday later; holidays are not known here.</summary>
    public static DateTimeOffset AddBusinessDays(DateTimeOffset from, int days)
    {
        var day = from;
        for (var left = days; left > 0; left -= day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : 1)
        {
            day = day.AddDays(1);
        }

        return day;
    }
}

/// <summary>A rule of the policy in force, as commands see it.</summary>
/// <param name="Checks">Checks whose evidence it rests on.</param>
public sealed record RuleTerms(string Id, string Title, bool Waivable, IReadOnlyList<string> Checks);
