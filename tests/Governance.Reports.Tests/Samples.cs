using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Reports.Charts;
using Governance.Reports.Documents;
using Governance.Reports.Erasure;
using Governance.Reports.Validation;

namespace Governance.Reports.Tests;

/// <summary>A realistic version of a credit model and everything a report says about it; an erasure.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 21, 59, 47, TimeSpan.Zero);

    private static readonly Person Katrin = new("katrin", "Katrin Vogel");
    private static readonly Person Jonas = new("jonas", "Jonas Meier");

    public static ReportLibrary Library { get; } = ReportLibrary.Load(ReportLibrary.DefaultFolder);

    public static Digest Digest(string of) => Core.Digest.Of(System.Text.Encoding.UTF8.GetBytes(of));

    public static LedgerHead Ledger { get; } = new("bank.example/governance", 1284, Digest("root"),
        "bank.example/governance\n1284\nQmFzZTY0IG9mIHRoZSByb290IGhhc2gsIDMyIGJ5dGVzIQ=\n\n— bank.example/governance+2f6a9c31 AkYwRAIgSGVyZSBzdGFuZHMgYSBzaWduYXR1cmUgb2YgdGhlIGNoZWNrcG9pbnQ=\n");

    public static ValidationReportInput Validation() => new()
    {
        ReportId = "VR-2026-000041",
        GeneratedAt = Now,
        Author = "Noor Haddad, model validator",
        DataCutOff = new DateOnly(2026, 9, 30),
        Model = new ModelFacts("retail-credit-scorecard", "Retail credit scorecard",
            "Estimates the probability that an applicant for an unsecured consumer loan will be ninety days past due within twelve months. The score is one input of the lending decision.",
            1, "consumer credit decisions with legal effect on natural persons", Katrin, [Jonas], ["EU", "DE"],
            ["Unsecured consumer loans up to EUR 50,000 at origination", "Credit line increases for existing customers"],
            ["Pricing", "Employment or insurance decisions", "Applicants under 18"], "High risk (Annex III 5(b))"),
        Version = new VersionFacts("2.1.0", Digest("model"), "ONNX, opset 15, ai.onnx.ml 3: TreeEnsembleClassifier", Jonas, Now.AddDays(-2), 1207, 0.35, "credit granted (label 0)"),
        Policy = new PolicyFacts("Consumer credit, EU", "2026.11", Digest("policy")),
        Ledger = Ledger,
        Datasets =
        [
            new("credit-train", "Credit portfolio 2019–2024", "training", Digest("train"), 21000, "Loan origination system, extract of 3 October 2026", "Contract (GDPR Art. 6(1)(b))", "36 months after end of contract", ["sex", "age_group"]),
            new("credit-test", "Credit portfolio 2025–2026, out of time", "evaluation", Digest("test"), 9000, "Loan origination system, extract of 3 October 2026", "Contract (GDPR Art. 6(1)(b))", "36 months after end of contract", ["sex", "age_group", "foreign_worker"]),
        ],
        Evidence = [Discrimination(), Calibration(), Stability(), AdverseImpact(), Importance(), Membership(), Noise()],
        Tests =
        [
            new("validation.calibration", "spiegelhalter_z", null, 0.226, false, 0.226),
            new("fairness.adverse_impact", "adverse_impact_ratio", "sex=female", 0.00002, true, 0.00006),
            new("fairness.adverse_impact", "adverse_impact_ratio", "age_group=18–25", 0.004, true, 0.008),
            new("fairness.adverse_impact", "adverse_impact_ratio", "age_group=over 60", 0.021, true, 0.021),
            .. Enumerable.Range(1, 33).Select(i => new ReviewTest("validation.stability", "psi", $"feature=variable_{i:00}", 0.012 * i, false, 0.408)),
        ],
        Gate = new GateFacts(Decision(), 1279, Now.AddHours(-1)),
        Findings =
        [
            new("F-12", FindingSeverity.Medium, "Score drifts upwards in the 18–25 band; monitor monthly until the next review.", "Katrin Vogel", new DateOnly(2027, 2, 28), "open", 1271),
            new("F-11", FindingSeverity.High, "Adverse impact ratio for sex=female is below the policy minimum.", "Jonas Meier", new DateOnly(2026, 12, 15), "open", 1270),
        ],
        Adjustments = ["Not used for applicants without a credit history of at least six months."],
        SignOffs =
        [
            new("noor", "Noor Haddad", "model validator", Now.AddHours(-2), "validated", "Validated with finding F-11 outstanding; must not be promoted before it is closed.", 1277),
            new("samuel", "Samuel Osei", "compliance officer", Now.AddHours(-1.5), "reviewed", null, 1278),
        ],
        Statements =
        [
            new(StatementTopic.ConceptualSoundness, "Gradient-boosted trees over 23 application and bureau variables. Monotone constraints hold on arrears and utilisation. A logistic scorecard was considered and kept as the benchmark.", "Jonas Meier", 1210),
            new(StatementTopic.Benchmark, "The logistic scorecard reaches AUC 0.7542 on the same data; the gain of 0.0378 is held to justify the added complexity.", "Noor Haddad", 1274),
        ],
        NextReview = new DateOnly(2027, 11, 20),
        Limits = new Dictionary<string, IReadOnlyList<ReferenceLine>>
        {
            ["adverse_impact_ratio"] = [new(0.80, "policy minimum")],
            ["psi"] = [new(0.10, "review"), new(0.25, "block")],
        },
    };

    public static ErasureCertificateInput Erasure() => new()
    {
        ReportId = "EC-2026-000007",
        GeneratedAt = Now,
        Author = "Ines Duarte, data protection officer",
        RequestId = "DSR-2026-0193",
        SubjectReference = "sub:5f0c9a7e31d24b18",
        ReceivedAt = Now.AddDays(-9),
        CompletedAt = Now.AddHours(-3),
        Due = new DateOnly(2026, 12, 11),
        Ground = "Art. 17(1)(b) GDPR: consent withdrawn",
        Approvals =
        [
            new("katrin", "Katrin Vogel", "model owner", Now.AddHours(-5), "approved", null, 1251),
            new("samuel", "Samuel Osei", "compliance officer", Now.AddHours(-4), "approved", "No hold applies.", 1252),
        ],
        Stores =
        [
            new("Inference payloads", "erased", "key punctured, ciphertext deleted", 14, "decrypt all references of the subject: 0 of 14 open"),
            new("Subject index", "erased", "rows deleted", 14, "look-up by pseudonym: 0 rows"),
            new("Training data credit-train", "erased", "row deleted, dataset re-registered", 1, "select by subject id: 0 rows"),
            new("Explanation cache", "nothing held", "searched", 0, "look-up by pseudonym: 0 rows"),
        ],
        Keys = new KeyDestruction(14, Digest("keys"), 47, Now.AddDays(7)),
        Entries =
        [
            new(1249, "erasure requested", Now.AddDays(-9), Digest("e1")),
            new(1253, "erasure executed", Now.AddHours(-3), Digest("e2")),
        ],
        Ledger = Ledger,
        Models = [new("Retail credit scorecard", "2.1.0", "kept; subject dropped at next retrain", "Parametric model; membership inference within policy limits (evidence of version 2.1.0).")],
        Retained = [new("Loan contract and payment history", "Art. 17(3)(b) GDPR, AMLD Art. 40", "Anti-money-laundering record, locked to that purpose.", new DateOnly(2031, 6, 30))],
        Recipients = [new("Credit bureau (pseudonymous reference)", null, Now.AddHours(-2)), new("Payload sink watch", 12, null)],
    };

    public static CheckResult Result(string check, CheckFamily family, IReadOnlyList<Measure> measures, params IReadOnlyList<Table> tables) => new()
    {
        Check = check,
        CheckVersion = "1.0",
        Family = family,
        Summary = "A finding in words.",
        Parameters = new JsonObject { ["level"] = 0.95 },
        Rows = 9000,
        Measures = measures,
        Tables = tables,
    };

    public static Measure Measure(string name, double? value, string? group = null, double? lower = null, double? upper = null, long? count = null) => new()
    {
        Name = name, Group = group, Value = value, Lower = lower, Upper = upper, Level = lower is null ? null : 0.95, Count = count,
        Status = value is null ? MeasureStatus.Insufficient : MeasureStatus.Ok,
        Note = value is null ? "Fewer than 30 rows." : null,
    };

    public static Table Roc(int points = 60) => new("roc", "ROC curve", [new("fpr", "False positive rate"), new("tpr", "True positive rate")],
        [.. Enumerable.Range(0, points + 1).Select(i => (double)i / points).Select(x => (IReadOnlyList<Cell>)[x, Math.Pow(x, 0.2627)])]);

    public static Table CalibrationTable() => new("calibration", "Calibration by score decile",
        [new("mean_score", "Mean score"), new("fraction_positive", "Observed rate"), new("fraction_lower", "Lower bound"), new("fraction_upper", "Upper bound"), new("count", "Rows", "integer")],
        [.. new[] { (0.03, 0.02), (0.07, 0.08), (0.12, 0.11), (0.17, 0.19), (0.23, 0.22), (0.30, 0.33), (0.38, 0.36), (0.48, 0.53), (0.61, 0.58), (0.79, 0.74) }
            .Select((p, i) => (IReadOnlyList<Cell>)[p.Item1, p.Item2, Math.Max(0, p.Item2 - 0.015 - (0.004 * i)), p.Item2 + 0.015 + (0.004 * i), 900.0 - (40 * i)])]);

    private static EvidenceItem Item(CheckResult result, string title, long index, string purpose, string method, string limits) => new(result,
        new CheckText(title, purpose, method, "A value near that of no model at all, or one that changes between samples.", "Has a closed form and needs no tuning.", limits, ["DeLong, DeLong & Clarke-Pearson 1988", "Sun & Xu 2014"]),
        Digest("envelope " + result.Check), index, Now.AddDays(-1), "bank.example/checks+9d21f0c4", "in process, CPU");

    private static EvidenceItem Discrimination() => Item(
        Result("validation.discrimination", CheckFamily.Validation,
            [
                Measure("auc", 0.7920, lower: 0.7815, upper: 0.8025, count: 9000) with { Interval = "DeLong" },
                Measure("gini", 0.5840, lower: 0.5630, upper: 0.6050, count: 9000) with { Interval = "DeLong" },
                Measure("ks", 0.4921, count: 9000),
            ], Roc()) with
        { Summary = "AUC is 0.7920 (95% interval 0.7815 to 0.8025) on 9,000 out-of-time rows; KS is 0.4921.", Seed = 42 },
        "Discrimination", 1261, "Does the score rank those who will default above those who will not?",
        "Area under the ROC curve as the Mann–Whitney statistic with ties counted one half; interval by DeLong with midranks.", "Says nothing about whether the probabilities are right.");

    private static EvidenceItem Calibration() => Item(
        Result("validation.calibration", CheckFamily.Validation,
            [Measure("brier", 0.1614, count: 9000), Measure("calibration_slope", 0.93, lower: 0.88, upper: 0.98, count: 9000), Measure("spiegelhalter_z", 1.21, count: 9000) with { PValue = 0.226, Test = "Spiegelhalter" }],
            CalibrationTable()) with
        { Summary = "The slope is 0.93: high scores are slightly too high. Brier score 0.1614.", Limitations = ["Bins of equal size hide what happens in the highest one percent."] },
        "Calibration", 1262, "Do predicted probabilities agree with what happened?", "Ten bins of equal size; Wilson intervals; slope by logistic regression on the logit.", "Bins hide what happens inside them.");

    private static EvidenceItem Stability()
    {
        var features = Enumerable.Range(1, 26).Select(i => Measure("psi", 0.31 / (i * i), $"feature={(i == 3 ? "months_since_most_recent_delinquency_on_any_revolving_account" : $"variable_{i:00}")}", count: 9000));
        return Item(
            Result("validation.stability", CheckFamily.Validation, [Measure("psi_score", 0.041, count: 9000), .. features]) with { Summary = "Score PSI is 0.041. One feature, variable_01, is above 0.25." },
            "Population stability", 1263, "Has the population moved since training?", "Population stability index over frozen reference deciles with a bin for missing values.", "The customary limits are convention.");
    }

    private static EvidenceItem AdverseImpact() => Item(
        Result("fairness.adverse_impact", CheckFamily.Fairness,
            [
                Measure("adverse_impact_ratio", 0.712, "sex=female", 0.664, 0.763, 3150) with { Interval = "Katz log", PValue = 0.00002, AdjustedPValue = 0.0001, Test = "Yates χ², Holm" },
                Measure("adverse_impact_ratio", 0.871, "age_group=18–25", 0.792, 0.958, 1204) with { Interval = "Katz log", PValue = 0.004, AdjustedPValue = 0.012, Test = "Yates χ², Holm" },
                Measure("adverse_impact_ratio", 0.934, "age_group=over 60", 0.881, 0.990, 1822) with { Interval = "Katz log", PValue = 0.021, AdjustedPValue = 0.042, Test = "Yates χ², Holm" },
                Measure("adverse_impact_ratio", null, "foreign_worker=no", count: 11),
            ],
            new Table("selection_rates", "Favourable decisions by group",
                [new("attribute", "Attribute", "text"), new("group", "Group", "text"), new("selection_rate", "Selection rate", "percent"), new("lower", "Lower", "percent"), new("upper", "Upper", "percent"), new("count", "Rows", "integer")],
                [["sex", "male", 0.741, 0.729, 0.752, 5850.0], ["sex", "female", 0.528, 0.510, 0.545, 3150.0], ["age_group", "26–60", 0.702, 0.690, 0.714, 5974.0], ["age_group", "18–25", 0.611, 0.583, 0.638, 1204.0], ["age_group", "over 60", 0.656, 0.634, 0.677, 1822.0]])) with
        { Summary = "The lowest adverse impact ratio is 0.712 (sex=female, 95% interval 0.664 to 0.763).", Limitations = ["foreign_worker=no has 11 rows: no ratio is given."] },
        "Adverse impact", 1264, "Are favourable outcomes as frequent in each group as in its reference group?", "Ratio of selection rates to the reference group; Katz log interval; Yates-corrected test with Holm correction.", "A ratio is not a legal conclusion.");

    private static EvidenceItem Importance() => Item(
        Result("explainability.permutation_importance", CheckFamily.Explainability,
            [.. new[] { ("utilisation", 0.0812), ("arrears_12m", 0.0633), ("income", 0.0240), ("tenure", 0.0113), ("age", 0.0051), ("region", -0.0008) }
                .Select(f => Measure("importance_auc", f.Item2, "feature=" + f.Item1, f.Item2 - 0.004, f.Item2 + 0.004, 9000) with { Interval = "permutation (20)" })]) with
        { Summary = "Utilisation and arrears carry most of the discrimination; region carries none.", Seed = 7 },
        "Permutation importance", 1265, "Which inputs does the score rest on?", "Fall of the AUC when one column is permuted, mean of twenty permutations.", "Correlated features share their importance.");

    private static EvidenceItem Membership() => Item(
        Result("privacy.membership_inference", CheckFamily.Privacy,
            [Measure("mia_auc", 0.5214, lower: 0.5119, upper: 0.5309, count: 18000) with { Interval = "DeLong" }, Measure("tpr_at_1pct_fpr", 0.0131, lower: 0.0108, upper: 0.0158, count: 9000) with { Interval = "Clopper–Pearson" }]) with
        { Summary = "An attacker who sees the loss tells members from others with AUC 0.5214 (upper bound 0.5309)." },
        "Membership inference", 1266, "Can an outsider tell who was in the training data?", "Loss-based attack: smaller loss means member.", "A lower bound on what a stronger attack could do.");

    private static EvidenceItem Noise() => Item(
        Result("robustness.perturbation", CheckFamily.Robustness,
            [.. new[] { (0.05, 0.0011), (0.1, 0.0036), (0.2, 0.0130), (0.5, 0.0619) }
                .Select(p => Measure("noise_decay", p.Item2, string.Create(CultureInfo.InvariantCulture, $"sigma={p.Item1}"), p.Item2 * 0.8, p.Item2 * 1.2) with { Interval = "replicates (20)" })]) with
        { Summary = "Noise of up to half a standard deviation lowers the AUC of 0.7920 by at most 0.0619.", Seed = 42 },
        "Noise decay", 1267, "How fast does performance fall when inputs are noisy?", "Gaussian noise scaled by each feature's standard deviation.", "Real errors are not Gaussian.");

    private static GateDecision Decision() => new()
    {
        Gate = "promote",
        Status = GateStatus.Denied,
        Policy = "Consumer credit, EU 2026.11",
        PolicyDigest = Digest("policy"),
        ParamsDigest = Digest("params"),
        InputDigest = Digest("input"),
        Rules =
        [
            Rule("hash-matches", "Promoted hash equals validated hash", RuleStatus.Pass, "The digests are equal.", null, null, "21 CFR 11.70"),
            Rule("out-of-time-auc", "Out-of-time AUC close to development", RuleStatus.Pass, "Gap is 0.011, at most 0.02.", 0.011, 0.02, "House standard MRM-06"),
            Rule("fairness-air", "Adverse impact ratio", RuleStatus.Violation, "Lowest adverse impact ratio is 0.712 (sex=female), below 0.80.", 0.712, 0.80, "Bank policy F-3, jurisdiction EU; ratio after 29 CFR 1607.4(D)") with
            {
                Remediation = "Search for a less discriminatory alternative, or retrain without the proxies the check names; then run fairness.adverse_impact again.",
                Observed = [new("evidence[\"fairness.adverse_impact\"].min_ratio", 0.712), new("params.min_air", 0.8)],
            },
            Rule("stability-psi", "Population stability of features", RuleStatus.Waived, "Highest PSI is 0.31 (variable_01), above 0.25.", 0.31, 0.25, "House standard MRM-05") with { Remediation = "Retrain on current data.", Waivable = true },
            Rule("dpia", "Data protection impact assessment signed", RuleStatus.Gap, "No assessment is filed.", null, null, "GDPR Art. 35") with { Remediation = "File the assessment with the DPO's advice." },
            Rule("membership", "Membership inference within limits", RuleStatus.Pass, "Upper bound 0.5309, at most 0.55.", 0.5309, 0.55, "EDPB Opinion 28/2024"),
        ],
    };

    private static RuleOutcome Rule(string id, string title, RuleStatus status, string message, double? value, double? threshold, string citation) => new()
    {
        Rule = id, Title = title, Status = status, Severity = RuleSeverity.Deny, Message = message, Value = value, Threshold = threshold, Citation = citation,
    };
}
