using System.Globalization;
using System.Text.Json.Nodes;

namespace Governance.Benchmarks.Policy;

/// <summary>The starter pack's rules for a tier 1 promotion, written by hand over the same JSON: conditions only, with no messages, explanation or digests.</summary>
internal static class StarterByHand
{
    private static readonly string[] Prohibited = ["sex", "gender", "race", "ethnicity", "religion", "national_origin", "nationality", "colour", "color"];

    /// <summary>Rule ids and whether each holds.</summary>
    public static (string Rule, bool Holds)[] Evaluate(JsonObject input)
    {
        var evidence = input["evidence"]!.AsObject();
        var model = input["model"]!;
        var features = input["version"]!["features"]!.AsArray();
        var datasets = input["datasets"]!.AsArray();
        var signoffs = input["signoffs"]!.AsArray();
        var approvals = signoffs.Where(s => Text(s, "meaning").StartsWith("approved", StringComparison.Ordinal)).ToList();
        var builders = model["developers"]!.AsArray().Select(d => d!.GetValue<string>()).Append(Text(input["version"], "submitted_by")).ToList();
        var findings = input["findings"]!.AsArray();
        var now = DateTimeOffset.Parse(Text(input["request"], "time"), CultureInfo.InvariantCulture);
        var lowest = Figure("fairness.adverse_impact", "min_adverse_impact_ratio");
        var groups = evidence["fairness.adverse_impact"]!["measures"]!["adverse_impact_ratio"]!["groups"]!.AsObject();
        var drift = Math.Max(Figure("validation.stability", "psi_score"), Figure("validation.stability", "psi_max"));
        return
        [
            ("fairness-impact-ratio", lowest >= 0.80),
            ("fairness-impact-watch", lowest >= 0.90),
            ("fairness-small-groups", groups.All(g => Text(g.Value, "status") == "ok" && g.Value!["count"]!.GetValue<double>() >= 30)),
            ("fairness-error-gap", Math.Max(Figure("fairness.group_rates", "max_tpr_gap"), Figure("fairness.group_rates", "max_fpr_gap")) <= 0.05),
            ("evidence-matches-version", evidence.All(e => e.Value!["valid"]!.GetValue<bool>())),
            ("evidence-recent", evidence.Max(e => e.Value!["age_days"]!.GetValue<double>()) <= 365),
            ("performance-auc", Figure("validation.discrimination", "auc") >= 0.70),
            ("performance-generalisation", Figure("validation.discrimination", "auc_gap", "lower") <= 0.02),
            ("performance-calibration", Figure("validation.calibration", "expected_calibration_error", "lower") <= 0.06),
            ("performance-stability", drift <= 0.25),
            ("performance-drift-review", drift < 0.10),
            ("conversion-parity", Figure("validation.conversion_parity", "max_abs_diff") <= 0.00001 && Figure("validation.conversion_parity", "decision_flips") == 0),
            ("robustness-noise", Figure("robustness.perturbation", "max_noise_decay") <= 0.05),
            ("privacy-membership", Figure("privacy.membership_inference", "attack_auc", "upper") <= 0.60),
            ("inventory-complete", Text(model, "name") != "" && Text(model, "use") != "" && Text(model, "owner") != "" && model["developers"]!.AsArray().Count > 0 && model["jurisdictions"]!.AsArray().Count > 0),
            ("tier-confirmed", model["tier_confirmed"]!.GetValue<bool>()),
            ("dataset-basis", datasets.Count > 0 && datasets.All(d => Text(d, "legal_basis") != "" && d!["retention_months"]!.GetValue<double>() > 0)),
            ("prohibited-features", !features.Any(f => IsProhibited(f!.GetValue<string>()))),
            ("audit-chain", input["audit"]!["verified"]!.GetValue<bool>()),
            ("independence", approvals.TrueForAll(s => !builders.Contains(Text(s, "person")) && approvals.Count(o => Text(o, "person") == Text(s, "person")) == 1)),
            ("nobody-rejected", signoffs.All(s => Text(s, "meaning") != "rejected")),
            ("approval-validator", approvals.Exists(s => Text(s, "role") == "validator")),
            ("approval-compliance", approvals.Exists(s => Text(s, "role") == "compliance")),
            ("approval-committee", approvals.Exists(s => Text(s, "role") == "committee")),
            ("approval-owner", signoffs.Any(s => Text(s, "role") == "owner" && s!["line"]!.GetValue<double>() == 1 && Text(s, "meaning") == "attested")),
            ("findings-closed", !findings.Any(f => f!["open"]!.GetValue<bool>() && Text(f, "severity") == "critical")),
            ("findings-high", !findings.Any(f => f!["open"]!.GetValue<bool>() && Text(f, "severity") == "high")),
            ("waivers-current", input["waivers"]!.AsArray().All(w => DateTimeOffset.Parse(Text(w, "expires"), CultureInfo.InvariantCulture) > now)),
        ];

        double Figure(string check, string measure, string part = "value") => evidence[check]!["measures"]![measure]![part]!.GetValue<double>();

        bool IsProhibited(string feature) => datasets.Any(d => d!["protected"]!.AsArray().Any(p => p!.GetValue<string>() == feature))
            || Array.Exists(Prohibited, p => feature.Equals(p, StringComparison.OrdinalIgnoreCase) || feature.StartsWith(p + "_", StringComparison.OrdinalIgnoreCase));
    }

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();
}
