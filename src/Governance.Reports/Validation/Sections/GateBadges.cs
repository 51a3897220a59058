using Governance.Core.Gates;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>The words and tones of rule outcomes.</summary>
internal static class GateBadges
{
    public static Badge Of(RuleStatus status) => status switch
    {
        RuleStatus.Pass => new Badge("Pass", Tone.Good),
        RuleStatus.Violation => new Badge("Violation", Tone.Bad),
        RuleStatus.Gap => new Badge("Gap", Tone.Caution),
        _ => new Badge("Waived", Tone.Caution),
    };

    public static string Of(RuleSeverity severity) => severity switch
    {
        RuleSeverity.Deny => "blocks",
        RuleSeverity.Review => "needs review",
        _ => "warns",
    };
}
