using System.Text.Json.Nodes;

namespace Governance.Core.Gates;

/// <summary>What was counted of a serving version in a window of time. Immutable; under <c>live</c> in the input of the gate <c>monitor</c>.</summary>
/// <param name="WindowHours">Length of the window.</param>
/// <param name="Answered">Rows answered in it.</param>
/// <param name="Refused">Requests refused by guards in it.</param>
/// <param name="DaysServing">Since the promotion.</param>
public sealed record LiveFigures(double WindowHours, long Answered, long Refused, double DaysServing)
{
    /// <summary>Requests that failed in it.</summary>
    public long Failed { get; init; }

    /// <summary>Rows that the figures below rest on; 0 when too few were seen to say anything, and then they are 0 too.</summary>
    public long Watched { get; init; }

    /// <summary>Share of the decisions that are adverse.</summary>
    public double AdverseRate { get; init; }

    /// <summary>Population stability index of the score against training.</summary>
    public double PsiScore { get; init; }

    /// <summary>The largest population stability index of a feature.</summary>
    public double PsiMax { get; init; }

    /// <summary>The largest share of rows in which a feature lies outside what training saw.</summary>
    public double OutOfRange { get; init; }

    /// <summary>99th percentile of the time to answer, in milliseconds.</summary>
    public double P99Ms { get; init; }

    /// <summary>Decisions whose outcome was reported, ever; the figures below are 0 without.</summary>
    public long Outcomes { get; init; }

    /// <summary>Area under the ROC curve over them.</summary>
    public double Auc { get; init; }

    /// <summary>Expected calibration error over them.</summary>
    public double CalibrationError { get; init; }

    internal JsonObject ToJson() => new()
    {
        ["window_hours"] = WindowHours,
        ["answered"] = Answered,
        ["refused"] = Refused,
        ["days_serving"] = Math.Round(DaysServing, 6),
        ["failed"] = Failed,
        ["watched"] = Watched,
        ["adverse_rate"] = AdverseRate,
        ["psi_score"] = PsiScore,
        ["psi_max"] = PsiMax,
        ["out_of_range"] = OutOfRange,
        ["p99_ms"] = P99Ms,
        ["outcomes"] = Outcomes,
        ["auc"] = Auc,
        ["calibration_error"] = CalibrationError,
    };
}
