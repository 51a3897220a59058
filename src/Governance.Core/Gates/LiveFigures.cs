using System.Text.Json.Nodes;

namespace Governance.Core.Gates;

/// <summary>What was counted of a serving version in a window of time. Immutable; under <c>live</c> in the input of the gate <c>monitor</c>.</summary>
/// <param name="WindowHours">Length of the window.</param>
/// <param name="Answered">Rows answered in it.</param>
/// <param name="Refused">Requests refused by guards in it.</param>
/// <param name="DaysServing">Since the promotion.</param>
public sealed record LiveFigures(double WindowHours, long Answered, long Refused, double DaysServing)
{
    internal JsonObject ToJson() => new()
    {
        ["window_hours"] = WindowHours,
        ["answered"] = Answered,
        ["refused"] = Refused,
        ["days_serving"] = Math.Round(DaysServing, 6),
    };
}
