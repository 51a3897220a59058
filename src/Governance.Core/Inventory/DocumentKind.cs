using Governance.Core.Identity;

namespace Governance.Core.Inventory;

/// <summary>
/// What a document attached to a version attests. Rules read it as <c>documents.&lt;name&gt;</c>; who may attach it is part of its meaning: advice of the data protection
/// officer counts because that officer attached it. Immutable.
/// </summary>
/// <param name="Name">snake_case, stable for ever.</param>
/// <param name="Title">For people.</param>
/// <param name="Content">What the document has to say.</param>
/// <param name="AttachedBy">Roles that may attach it.</param>
public sealed record DocumentKind(string Name, string Title, string Content, IReadOnlyList<Role> AttachedBy)
{
    /// <summary>The one kind of which a version may have several in force, told apart by their titles.</summary>
    public const string Adjustment = "adjustment";

    /// <summary>The kind that is read when it is attached: a JSON object <c>{"feature": "reason", …}</c>.</summary>
    public const string ReasonCatalogue = "reason_catalogue";

    public static IReadOnlyList<DocumentKind> All { get; } =
    [
        new("development_report", "Development report", "Theory, suitability of the data, assumptions, alternatives considered, limitations.", [Role.Developer]),
        new("validation_report", "Validation report", "Scope, tests, findings, rating and conditions of the independent validation.", [Role.Validator]),
        new("benchmark", "Comparison with challenger and benchmark", "A challenger and an interpretable benchmark on the same data; why the gain justifies the complexity.", [Role.Developer, Role.Validator]),
        new("stress_test", "Stress and sensitivity tests", "Scenarios, changes of score and volume, monotone constraints.", [Role.Developer, Role.Validator]),
        new("age_derivation", "Derivation of the use of age", "That the system is empirically derived and statistically sound, and that an age of 62 or more is never a disadvantage.", [Role.Validator]),
        new("alternatives_search", "Search for less discriminatory alternatives", "Candidates tried, their utility and impact ratios, and the reason for the choice.", [Role.Developer, Role.Compliance]),
        new(ReasonCatalogue, "Reason catalogue", "For every feature the specific reason a declined applicant is told; a JSON object of feature and reason.", [Role.Developer, Role.Compliance]),
        new("adverse_action_notice", "Adverse-action notice", "The notice as sent: action, creditor, agency, equal-credit text, specific reasons, and its deadlines.", [Role.Compliance]),
        new("dpia", "Data protection impact assessment", "Processing, necessity, risks to people, measures, residual risk.", [Role.Owner]),
        new("dpo_advice", "Advice of the data protection officer", "The officer's advice on the impact assessment.", [Role.Dpo]),
        new("human_oversight", "Human oversight and review", "Named and trained overseers, the queue for human review and its staffing, how a person contests a decision, how the system is stopped.", [Role.Owner, Role.Compliance]),
        new("risk_classification", "Risk classification", "Class under Regulation (EU) 2024/1689, role as provider or deployer, and the ground of any exclusion.", [Role.Compliance]),
        new("fria", "Fundamental rights impact assessment", "The six elements of Article 27, and the notification of the authority.", [Role.Owner, Role.Compliance]),
        new("technical_file", "Technical documentation", "The content of Annex IV for this version.", [Role.Developer, Role.Owner]),
        new("instructions_for_use", "Instructions for use", "Limits, performance by group, interpretation, oversight.", [Role.Developer, Role.Owner]),
        new("monitoring_plan", "Monitoring plan", "Metrics, thresholds, cadence, owner of each alert, and where to roll back to.", [Role.Owner]),
        new("security_scan", "Security scan", "Result of the scan of dependencies and of the model file for this version.", [Role.Developer, Role.Validator]),
        new("vendor_evidence", "Vendor evidence", "Version, documents received, and the bank's own outcome tests.", [Role.Owner, Role.Validator]),
        new("exit_plan", "Exit plan", "How the service goes on without the vendor.", [Role.Owner]),
        new("senior_manager_statement", "Statement of the accountable senior manager", "Who holds the accountability for the model framework, and that the model is within appetite.", [Role.Owner, Role.Committee]),
        new("threshold_tuning", "Alert threshold tuning", "Tests above and below the line for the alert threshold.", [Role.Developer, Role.Validator]),
        new("typology_coverage", "Typology coverage", "Which money-laundering and fraud typologies the model covers, and what covers the others.", [Role.Compliance, Role.Owner]),
        new(Adjustment, "Post-model adjustment", "Reason, size, owner and remediation of an adjustment of the model's output.", [Role.Owner, Role.Committee]),
    ];

    /// <summary>The kind of a name, or null.</summary>
    public static DocumentKind? Find(string name) => All.FirstOrDefault(k => k.Name == name);
}
