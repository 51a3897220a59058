using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;

namespace Governance.Core.Gates;

/// <summary>
/// Builds the document a gate's rules read, from state and verified evidence alone. Its shape is the schema policies are checked
/// against (docs/policy.md); its digest is recorded with every decision.
/// </summary>
public static class GateInput
{
    public static JsonObject Build(
        GovernanceState state, VersionState version, string gate, PromotionTarget? target, Caller caller, DateTimeOffset now, IGate policy)
    {
        var model = state.Models[version.ModelId];
        var training = state.Datasets[version.Submission.TrainingDataset];
        var evaluation = state.Datasets[version.Submission.EvaluationDataset];
        return new JsonObject
        {
            ["request"] = Request(gate, target, caller, now),
            ["model"] = Model(model),
            ["version"] = Version(version),
            ["datasets"] = new JsonArray(Dataset(state, training), Dataset(state, evaluation)),
            ["documents"] = new JsonObject(version.Documents.Values.Where(d => d.Kind != DocumentKind.Adjustment).Select(d => KeyValuePair.Create(d.Kind, (JsonNode?)Document(d, now)))),
            ["adjustments"] = new JsonArray([.. version.Documents.Values.Where(d => d.Kind == DocumentKind.Adjustment).Select(d => Document(d, now))]),
            ["evidence"] = Evidence(version, training, evaluation, now, policy),
            ["signoffs"] = new JsonArray([.. version.ValidSignOffs(state, policy.Policy).Select(SignOff)]),
            ["findings"] = new JsonArray([.. model.Findings.Values.Where(f => f.AppliesTo(version.Number)).Select(f => Finding(f, now))]),
            ["finding_counts"] = FindingCounts(model, version, now),
            // Where a gate has no target, waivers for the champion count: they are about what serves.
            ["waivers"] = new JsonArray([.. WaiversOf(state, model, version, target ?? PromotionTarget.Champion, now)]),
            ["audit"] = new JsonObject
            {
                ["verified"] = policy.Audit.Verified,
                ["checked_size"] = policy.Audit.CheckedSize,
                ["log_size"] = policy.Audit.LogSize,
            },
        };
    }

    /// <summary>A version and its model, as under <c>model</c> and <c>version</c>: what does not change from request to request.</summary>
    public static (JsonObject Model, JsonObject Version) Subject(GovernanceState state, VersionState version) =>
        (Model(state.Models[version.ModelId]), Version(version));

    private static JsonObject Request(string gate, PromotionTarget? target, Caller caller, DateTimeOffset now)
    {
        var request = new JsonObject { ["gate"] = gate, ["actor"] = caller.Subject, ["time"] = Timestamp(now) };
        if (target is { } where)
        {
            request["target"] = where.ToString().ToLowerInvariant();
        }

        return request;
    }

    private static JsonObject Model(ModelState model)
    {
        var json = InventoryEntry(model);
        if (model.Registration.Domain is { } domain)
        {
            json["domain"] = JsonNamingPolicy.CamelCase.ConvertName(domain.ToString());
        }

        if (model.Registration.Vendor is { } vendor)
        {
            json["vendor"] = vendor;
        }

        return json;
    }

    private static JsonObject InventoryEntry(ModelState model) => new()
    {
        ["id"] = model.Id,
        ["name"] = model.Registration.Name,
        ["tier"] = (int)model.Registration.Tier,
        ["tier_confirmed"] = model.TierConfirmed,
        ["use"] = model.Registration.Use,
        ["owner"] = model.Registration.Owner,
        ["developers"] = Strings(model.Registration.Developers),
        ["jurisdictions"] = Strings(model.Registration.Jurisdictions),
        ["automation"] = model.Registration.Automation.ToString().ToLowerInvariant(),
    };

    private static JsonObject Version(VersionState version) => new()
    {
        ["number"] = version.Number,
        ["digest"] = version.Submission.Artifact.ToString(),
        ["submitted_by"] = version.SubmittedBy,
        ["submitted_at"] = Timestamp(version.SubmittedAt),
        ["status"] = version.Status.ToString().ToLowerInvariant(),
        ["features"] = Strings(version.Submission.Features),
        ["threshold"] = version.Submission.Threshold,
        ["favourable_prediction"] = version.Submission.FavourablePrediction,
    };

    private static JsonObject Dataset(GovernanceState state, DatasetRegistration dataset) => new()
    {
        ["role"] = dataset.Use.ToString().ToLowerInvariant(),
        ["id"] = dataset.Id,
        ["digest"] = dataset.Digest.ToString(),
        ["legal_basis"] = dataset.LegalBasis,
        ["retention_months"] = dataset.RetentionMonths,
        ["features"] = Strings(dataset.Features),
        ["protected"] = Strings(dataset.Protected.Keys),
        ["subject_id"] = dataset.SubjectId ?? "",
        ["erased_rows"] = ErasedRows(state, dataset),
    };

    /// <summary>Rows of people whose erasure has begun: they stay in the file that was registered, so nothing may be trained on it any more.</summary>
    private static long ErasedRows(GovernanceState state, DatasetRegistration dataset) =>
        state.Erasures.Values.SelectMany(e => e.Started?.Holdings ?? []).Where(h => h.Dataset == dataset.Id).Sum(h => (long)h.Rows);

    private static JsonObject Document(DocumentState document, DateTimeOffset now)
    {
        var json = new JsonObject
        {
            ["title"] = document.Title,
            ["digest"] = document.File.ToString(),
            ["attached_by"] = document.AttachedBy,
            ["role"] = document.Role,
            ["attached_at"] = Timestamp(document.Time),
            ["age_days"] = Math.Round((now - document.Time).TotalDays, 6),
            ["current"] = document.Expires is not { } end || now < end,
            ["covers"] = Strings(document.Covers),
        };
        if (document.Expires is { } expires)
        {
            json["expires"] = Timestamp(expires);
        }

        return json;
    }

    private static JsonObject SignOff(SignOffState signOff) => new()
    {
        ["person"] = signOff.Person,
        ["role"] = signOff.Role,
        ["line"] = signOff.Line,
        ["meaning"] = signOff.Meaning.ToString().ToLowerInvariant(),
        ["time"] = Timestamp(signOff.Time),
    };

    private static JsonObject Finding(FindingState finding, DateTimeOffset now)
    {
        var entry = new JsonObject
        {
            ["id"] = finding.Id,
            ["severity"] = finding.Raised.Severity.ToString().ToLowerInvariant(),
            ["open"] = finding.IsOpen,
            ["status"] = finding.Status.ToString().ToLowerInvariant(),
            ["owner"] = finding.Raised.Owner,
            ["due"] = Timestamp(finding.Due),
            ["overdue"] = finding.OverdueAt(now),
            ["version"] = finding.Raised.Version,
        };
        if (finding.Raised.Rule is { } rule)
        {
            entry["rule"] = rule;
        }

        return entry;
    }

    private static JsonObject FindingCounts(ModelState model, VersionState version, DateTimeOffset now)
    {
        var open = model.Findings.Values.Where(f => f.IsOpen && f.AppliesTo(version.Number)).ToList();
        var counts = new JsonObject();
        foreach (var severity in Enum.GetValues<FindingSeverity>())
        {
            counts[severity.ToString().ToLowerInvariant()] = open.Count(f => f.Raised.Severity == severity);
        }

        counts["overdue"] = open.Count(f => f.OverdueAt(now));
        return counts;
    }

    /// <summary>Approved waivers of this version and environment: those that count, and those that time ended with none in their place.</summary>
    private static IEnumerable<JsonObject> WaiversOf(GovernanceState state, ModelState model, VersionState version, PromotionTarget? target, DateTimeOffset now)
    {
        var approved = model.Waivers.Values
            .Where(w => w.Approved && w.Request.Version == version.Number && (target is null || w.Request.Target == target))
            .Select(w => (Waiver: w, Status: state.StatusOf(w, now)))
            .Where(w => w.Status is WaiverStatus.Active or WaiverStatus.Expired or WaiverStatus.Unreviewed)
            .ToList();
        var active = approved.Where(w => w.Status == WaiverStatus.Active).Select(w => w.Waiver.Request.Rule).ToHashSet(StringComparer.Ordinal);
        return approved.Where(w => w.Status == WaiverStatus.Active || !active.Contains(w.Waiver.Request.Rule)).Select(w => Waiver(w.Waiver, w.Status));
    }

    private static JsonObject Waiver(WaiverState waiver, WaiverStatus status)
    {
        var entry = new JsonObject
        {
            ["id"] = waiver.Id,
            ["rule"] = waiver.Request.Rule,
            ["target"] = waiver.Request.Target.ToString().ToLowerInvariant(),
            ["state"] = status.ToString().ToLowerInvariant(),
            ["expires"] = Timestamp(waiver.Request.Expires),
            ["approvers"] = Strings(waiver.Approvals.Select(a => a.Person)),
            ["lines"] = new JsonArray([.. waiver.Approvals.Select(a => JsonValue.Create(a.Line))]),
            ["level"] = waiver.Request.Level,
            ["emergency"] = waiver.Request.Emergency,
            ["reviewed"] = waiver.Reviewed is not null,
        };
        if (waiver.ReviewDue is { } due)
        {
            entry["review_due"] = Timestamp(due);
        }

        return entry;
    }

    private static JsonObject Evidence(
        VersionState version, DatasetRegistration training, DatasetRegistration evaluation, DateTimeOffset now, IGate policy)
    {
        var evidence = new JsonObject();
        foreach (var recorded in version.Evidence.Values)
        {
            // Absent or unverifiable evidence is left out, so that every rule that needs it is a gap: fails closed.
            if (policy.Evidence(recorded.Envelope) is { } verified && verified.Result.Check == recorded.Check)
            {
                evidence[recorded.Check] = Entry(recorded, verified, IsAbout(verified, version, training, evaluation), now);
                if (version.Reproductions.TryGetValue(recorded.Envelope, out var reproduction))
                {
                    evidence[recorded.Check]!["reproduced"] = reproduction.Same;
                }
            }
        }

        return evidence;
    }

    private static bool IsAbout(VerifiedEvidence evidence, VersionState version, DatasetRegistration training, DatasetRegistration evaluation) =>
        evidence.Subject(StatementSubject.Model) == version.Submission.Artifact.Hex
        && evidence.Subject(StatementSubject.EvaluationData) == evaluation.Digest.Hex
        && evidence.Subject(StatementSubject.TrainingData) == training.Digest.Hex;

    private static JsonObject Entry(EvidenceState recorded, VerifiedEvidence evidence, bool valid, DateTimeOffset now)
    {
        var result = evidence.Result;
        var entry = new JsonObject
        {
            ["digest"] = recorded.Envelope.ToString(),
            ["result_digest"] = recorded.Result.ToString(),
            ["valid"] = valid && evidence.Statement.Predicate.ResultDigest == recorded.Result,
            ["age_days"] = Math.Round((now - recorded.Time).TotalDays, 6),
            ["family"] = result.Family.ToString().ToLowerInvariant(),
            ["rows"] = result.Rows,
            ["measures"] = Measures(result),
        };
        if (result.Seed is { } seed)
        {
            entry["seed"] = seed;
        }

        return entry;
    }

    /// <summary>Measures by name; those about a group lie under <c>groups</c> of their name.</summary>
    private static JsonObject Measures(CheckResult result)
    {
        var measures = new JsonObject();
        foreach (var byName in result.Measures.GroupBy(m => m.Name, StringComparer.Ordinal))
        {
            var whole = byName.FirstOrDefault(m => m.Group is null);
            var node = whole is null ? new JsonObject() : Figure(whole);
            var groups = new JsonObject();
            foreach (var measure in byName.Where(m => m.Group is not null))
            {
                groups[measure.Group!] = Figure(measure);
            }

            node["groups"] = groups;
            measures[byName.Key] = node;
        }

        return measures;
    }

    private static JsonObject Figure(Measure measure)
    {
        var figure = new JsonObject { ["status"] = measure.Status.ToString().ToLowerInvariant() };
        Add("value", measure.Value);
        Add("lower", measure.Lower);
        Add("upper", measure.Upper);
        Add("p", measure.PValue);
        Add("adjusted_p", measure.AdjustedPValue);
        if (measure.Count is { } count)
        {
            figure["count"] = count;
        }

        if (measure.Note is { } note)
        {
            figure["note"] = note;
        }

        return figure;

        void Add(string name, double? value)
        {
            if (value is { } number)
            {
                figure[name] = number;
            }
        }
    }

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
