using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;

namespace Governance.Gateway.Tests.Portal;

/// <summary>Results and a gate decision in the form the checks and the policy give them.</summary>
internal static class SampleEvidence
{
    public static IReadOnlyList<ReviewTest> Tests { get; } =
    [
        new("validation.discrimination", "ks", null, 0.00001, false, 0.00001), new("fairness.adverse_impact", "adverse_impact_ratio", "age=18-24", 0.0004, true, 0.0012),
        new("fairness.adverse_impact", "adverse_impact_ratio", "age=60+", 0.031, true, 0.062),
    ];

    public static IReadOnlyList<CheckResult> All { get; } =
    [
        new CheckResult
        {
            Check = "validation.discrimination",
            CheckVersion = "1",
            Family = CheckFamily.Validation,
            Summary = "AUC is 0.781 (95% DeLong interval 0.762 to 0.800), Gini 0.562, KS 0.431 on 8 400 applications.",
            Parameters = new JsonObject { ["level"] = 0.95 },
            Rows = 8400,
            Measures =
            [
                new Measure { Name = "auc", Value = 0.781, Lower = 0.762, Upper = 0.800, Level = 0.95, Interval = "DeLong", Count = 8400 },
                new Measure { Name = "gini", Value = 0.562, Lower = 0.524, Upper = 0.6, Level = 0.95, Interval = "DeLong", Count = 8400 },
                new Measure { Name = "ks", Value = 0.431, PValue = 0.00001, Test = "Kolmogorov-Smirnov", Count = 8400 },
            ],
            Tables =
            [
                new Table("roc", "ROC curve", [new("fpr", "False positive rate"), new("tpr", "True positive rate")],
                    [.. Enumerable.Range(0, 41).Select(i => i / 40.0).Select(x => (IReadOnlyList<Cell>)[x, Math.Pow(x, 0.28)])]),
            ],
            Limitations = ["Outcomes of rejected applications are unknown; the figures are about accepted ones."],
        },
        new CheckResult
        {
            Check = "validation.calibration",
            CheckVersion = "1",
            Family = CheckFamily.Validation,
            Summary = "Expected calibration error is 0.013 over 10 bins.",
            Parameters = [],
            Rows = 8400,
            Measures = [new Measure { Name = "expected_calibration_error", Value = 0.013, Count = 8400 }, new Measure { Name = "brier_score", Value = 0.0912, Count = 8400 }],
            Tables =
            [
                new Table("calibration", "Calibration by decile of score",
                    [new("mean_score", "Mean predicted"), new("fraction_positive", "Observed rate"), new("lower", "Lower"), new("upper", "Upper"), new("count", "Rows", "integer")],
                    [.. Enumerable.Range(0, 10).Select(i => 0.02 + (0.05 * i)).Select(p => (IReadOnlyList<Cell>)[p, p * 0.97, (p * 0.97) - 0.015, (p * 0.97) + 0.02, 840])]),
            ],
        },
        new CheckResult
        {
            Check = "fairness.adverse_impact",
            CheckVersion = "2",
            Family = CheckFamily.Fairness,
            Summary = "The lowest adverse impact ratio is 0.74 (age=18-24 against 35-49), below four fifths.",
            Parameters = new JsonObject { ["reference"] = "registered" },
            Seed = 7,
            Rows = 8400,
            Measures =
            [
                new Measure { Name = "adverse_impact_ratio", Group = "sex=female", Value = 0.93, Lower = 0.89, Upper = 0.97, Level = 0.95, Interval = "Katz log", PValue = 0.04, AdjustedPValue = 0.08, Test = "Fisher exact, Holm", Count = 3901 },
                new Measure { Name = "adverse_impact_ratio", Group = "age=18-24", Value = 0.74, Lower = 0.68, Upper = 0.8, Level = 0.95, Interval = "Katz log", PValue = 0.0000002, AdjustedPValue = 0.0000004, Test = "Fisher exact, Holm", Count = 811 },
                new Measure { Name = "adverse_impact_ratio", Group = "age=65+", Status = MeasureStatus.Insufficient, Note = "Only 19 applications; 30 are needed.", Count = 19 },
            ],
            Tables =
            [
                new Table("group_rates", "Selection rates by group", [new("group", "Group", "text"), new("rate", "Approved", "percent"), new("lower", "Lower", "percent"), new("upper", "Upper", "percent"), new("count", "Applications", "integer")],
                    [["sex=female", 0.642, 0.626, 0.657, 3901], ["sex=male", 0.69, 0.676, 0.704, 4499], ["age=18-24", 0.512, 0.477, 0.546, 811], ["age=25-34", 0.66, 0.64, 0.68, 2240]]),
            ],
        },
        new CheckResult
        {
            Check = "explainability.permutation_importance",
            CheckVersion = "1",
            Family = CheckFamily.Explainability,
            Summary = "Utilisation and delinquencies carry two thirds of the discrimination.",
            Parameters = [],
            Seed = 7,
            Rows = 8400,
            Measures =
            [
                new Measure { Name = "importance", Group = "feature=utilisation", Value = 0.081, Lower = 0.074, Upper = 0.088, Level = 0.95 },
                new Measure { Name = "importance", Group = "feature=delinquencies", Value = 0.062, Lower = 0.055, Upper = 0.069, Level = 0.95 },
                new Measure { Name = "importance", Group = "feature=income", Value = 0.031, Lower = 0.026, Upper = 0.036, Level = 0.95 },
                new Measure { Name = "importance", Group = "feature=tenure", Value = 0.004, Lower = -0.001, Upper = 0.008, Level = 0.95 },
            ],
        },
    ];

    public static GateDecision Gate { get; } = new()
    {
        Gate = "promote",
        Status = GateStatus.Denied,
        Policy = "Starter pack 1.0.0",
        PolicyDigest = Digest.Of("policy"u8),
        ParamsDigest = Digest.Of("params"u8),
        InputDigest = Digest.Of("input"u8),
        Rules =
        [
            Rule("fairness-air", "Adverse impact ratio at least four fifths", RuleStatus.Violation, RuleSeverity.Deny,
                "Lowest adverse impact ratio is 0.74 (age=18-24), below 0.80.", "29 CFR 1607.4(D) as house standard; policy LEN-08",
                "Search for a less discriminatory alternative, or retrain without the features that stand in for age.", 0.74, 0.80, null, "fairness.adverse_impact"),
            Rule("robustness-missing", "Missing values are handled", RuleStatus.Gap, RuleSeverity.Deny,
                "There is no valid evidence of robustness.missing_values for this artefact.", "Regulation (EU) 2024/1689 Article 15",
                "Run the check robustness.missing_values."),
            Rule("approvals", "Independent signatures", RuleStatus.Gap, RuleSeverity.Review, "No validator has approved yet.", "SR 26-2, effective challenge", "Ask a validator to look.", waitingFor: "validator"),
            Rule("auc", "Discrimination out of time", RuleStatus.Pass, RuleSeverity.Deny, "AUC 0.781 is within 0.02 of development (0.790).", "MRM-06", null, 0.009, 0.02),
            Rule("psi", "Population is stable", RuleStatus.Waived, RuleSeverity.Deny, "PSI of income is 0.27, above 0.25; waived until 31 January 2027.", "MRM-05", null, 0.27, 0.25),
            Rule("calibration", "Calibration error", RuleStatus.Pass, RuleSeverity.Deny, "Expected calibration error 0.013 is at most 0.02.", "MRM-06", null, 0.013, 0.02),
        ],
    };

    private static RuleOutcome Rule(
        string id, string title, RuleStatus status, RuleSeverity severity, string message, string citation, string? remedy, double? value = null, double? threshold = null, string? waitingFor = null, params string[] checks) => new()
    {
        Rule = id,
        Title = title,
        Status = status,
        Severity = severity,
        Message = message,
        Citation = citation,
        Remediation = remedy,
        Value = value,
        Threshold = threshold,
        Waivable = status is RuleStatus.Violation or RuleStatus.Waived,
        Blocks = status is RuleStatus.Violation or RuleStatus.Gap,
        Checks = checks,
        Waiver = status == RuleStatus.Waived ? SampleReader.Emergency : null,
        Rationale = "Why the rule exists, in a sentence.",
        WaitingFor = waitingFor,
        Observed = value is { } v ? [new ObservedValue($"evidence[\"{id}\"].value", JsonValue.Create(v))] : [],
    };
}
