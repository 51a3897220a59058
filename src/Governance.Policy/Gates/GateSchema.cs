using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>
/// The type of a gate's input: what rules may refer to. <c>evidence</c> knows the checks of the catalogue and their measures by name, so that a misspelt
/// one is an error when a pack is loaded. Built once per pack; immutable.
/// </summary>
public static class GateSchema
{
    /// <summary>The gates a binding may name.</summary>
    public static IReadOnlyList<string> Gates { get; } = [GateNames.Submit, GateNames.Approve, GateNames.Promote, GateNames.Serve, GateNames.Monitor];

    /// <summary>The gates of a binding that names none: those of a version's way into service.</summary>
    public static IReadOnlyList<string> Lifecycle { get; } = [GateNames.Submit, GateNames.Approve, GateNames.Promote];

    /// <summary>The targets of a promotion.</summary>
    public static IReadOnlyList<string> Targets { get; } = ["shadow", "canary", "champion"];

    /// <summary>Roles a rule may wait for.</summary>
    public static IReadOnlyList<string> Roles { get; } =
        ["developer", "owner", "validator", "committee", "compliance", "dpo", "auditor", "client", "administrator", "reviewer"];

    internal const string Inputs = "inputs";

    internal const string Live = "live";

    private static readonly CelType Strings = CelType.ListOf(CelType.String);

    /// <summary>One figure about a group; a <c>value</c> that must not be relied on (status not ok) is left out.</summary>
    private static readonly CelType GroupMeasure = CelType.Record("a group's measure", MeasureFields());

    private static readonly CelType Measure =
        CelType.Record("a measure", new Dictionary<string, CelType>(MeasureFields()) { ["groups"] = CelType.MapOf(CelType.String, GroupMeasure) });

    private static readonly CelType Document = Record(
        "a document", ("title", CelType.String), ("digest", CelType.String), ("attached_by", CelType.String), ("role", CelType.String), ("attached_at", CelType.Timestamp),
        ("age_days", CelType.Double), ("current", CelType.Bool), ("expires", CelType.Timestamp), ("covers", Strings));

    /// <summary>The variables of a gate's expressions, without <c>params</c> and the variables of a policy.</summary>
    /// <param name="checks">Check ids with the names of their measures; no names leaves the measures of that check open.</param>
    public static IReadOnlyDictionary<string, CelType> Variables(IReadOnlyDictionary<string, IReadOnlyList<string>> checks) => new Dictionary<string, CelType>
    {
        ["request"] = Record(
            "request", ("gate", CelType.String), ("target", CelType.String), ("actor", CelType.String), ("time", CelType.Timestamp),
            ("purpose", CelType.String), ("jurisdiction", CelType.String), ("rows", CelType.Int)),
        ["model"] = Record(
            "model", ("id", CelType.String), ("name", CelType.String), ("tier", CelType.Int), ("tier_confirmed", CelType.Bool), ("use", CelType.String),
            ("owner", CelType.String), ("developers", Strings), ("jurisdictions", Strings), ("automation", CelType.String), ("domain", CelType.String),
            ("vendor", CelType.String)),
        ["version"] = Record(
            "version", ("number", CelType.Int), ("digest", CelType.String), ("submitted_by", CelType.String), ("submitted_at", CelType.Timestamp),
            ("status", CelType.String), ("features", Strings), ("threshold", CelType.Double), ("favourable_prediction", CelType.Int)),
        ["datasets"] = CelType.ListOf(Record(
            "a dataset", ("role", CelType.String), ("id", CelType.String), ("digest", CelType.String), ("legal_basis", CelType.String),
            ("retention_months", CelType.Int), ("features", Strings), ("protected", Strings), ("subject_id", CelType.String), ("erased_rows", CelType.Int))),
        ["documents"] = CelType.Record("documents", DocumentKind.All.Where(k => k.Name != DocumentKind.Adjustment).ToDictionary(k => k.Name, k => Document)),
        ["adjustments"] = CelType.ListOf(Document),
        ["evidence"] = CelType.Record("evidence", checks.ToDictionary(c => c.Key, c => Evidence($"evidence of {c.Key}", Measures(c.Key, c.Value))), Evidence("evidence", CelType.MapOf(CelType.String, Measure))),
        ["signoffs"] = CelType.ListOf(Record(
            "a sign-off", ("person", CelType.String), ("role", CelType.String), ("line", CelType.Int), ("meaning", CelType.String),
            ("time", CelType.Timestamp), ("evidence_digests", Strings))),
        ["findings"] = CelType.ListOf(Record(
            "a finding", ("id", CelType.String), ("severity", CelType.String), ("open", CelType.Bool), ("status", CelType.String),
            ("owner", CelType.String), ("due", CelType.Timestamp), ("overdue", CelType.Bool), ("version", CelType.Int), ("rule", CelType.String))),
        ["finding_counts"] = Record(
            "finding counts", ("low", CelType.Int), ("medium", CelType.Int), ("high", CelType.Int), ("critical", CelType.Int), ("overdue", CelType.Int)),
        ["waivers"] = CelType.ListOf(Record(
            "a waiver", ("id", CelType.String), ("rule", CelType.String), ("target", CelType.String), ("state", CelType.String), ("expires", CelType.Timestamp),
            ("approvers", Strings), ("lines", CelType.ListOf(CelType.Int)), ("level", CelType.Int), ("emergency", CelType.Bool), ("reviewed", CelType.Bool),
            ("review_due", CelType.Timestamp))),
        [Inputs] = CelType.MapOf(CelType.String, Record("an input", ("min", CelType.Double), ("max", CelType.Double), ("seen_min", CelType.Double), ("seen_max", CelType.Double))),
        [Live] = Record(
            "live", ("window_hours", CelType.Double), ("answered", CelType.Int), ("refused", CelType.Int), ("days_serving", CelType.Double),
            ("failed", CelType.Int), ("watched", CelType.Int), ("adverse_rate", CelType.Double), ("psi_score", CelType.Double), ("psi_max", CelType.Double),
            ("out_of_range", CelType.Double), ("p99_ms", CelType.Double), ("outcomes", CelType.Int), ("auc", CelType.Double), ("calibration_error", CelType.Double)),
        ["audit"] = Record("audit", ("verified", CelType.Bool), ("checked_size", CelType.Int), ("log_size", CelType.Int)),
    };

    /// <summary>Whether the input of a gate has a variable of the schema.</summary>
    internal static bool Has(string gate, string variable) => variable switch
    {
        "request" or "model" or "version" or "params" => true,
        Inputs => gate == GateNames.Serve,
        Live => gate == GateNames.Monitor,
        _ => gate != GateNames.Serve,
    };

    /// <summary>Whether a record is a figure, with a status that says if its value may be relied on.</summary>
    internal static bool IsMeasure(CelType type) => ReferenceEquals(type, Measure) || ReferenceEquals(type, GroupMeasure);

    private static CelType Measures(string check, IReadOnlyList<string> names) => names.Count == 0
        ? CelType.MapOf(CelType.String, Measure)
        : CelType.Record($"the result of {check}", names.ToDictionary(n => n, _ => Measure), Measure);

    private static CelType Evidence(string name, CelType measures) => Record(
        name, ("digest", CelType.String), ("result_digest", CelType.String), ("valid", CelType.Bool), ("age_days", CelType.Double), ("family", CelType.String),
        ("rows", CelType.Int), ("seed", CelType.Int), ("reproduced", CelType.Bool), ("measures", measures));

    private static Dictionary<string, CelType> MeasureFields() => new()
    {
        ["value"] = CelType.Double,
        ["lower"] = CelType.Double,
        ["upper"] = CelType.Double,
        ["p"] = CelType.Double,
        ["adjusted_p"] = CelType.Double,
        ["count"] = CelType.Int,
        ["status"] = CelType.String,
        ["note"] = CelType.String,
    };

    private static CelType Record(string name, params (string Name, CelType Type)[] fields) =>
        CelType.Record(name, fields.ToDictionary(f => f.Name, f => f.Type));
}
