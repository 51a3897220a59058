using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>
/// What a pack's parameters say about signatures, findings and waivers. Their names are fixed: <c>signature_max_age_minutes</c>, <c>waiver_max_days</c>,
/// <c>waiver_level</c>, <c>emergency_max_days</c>, <c>emergency_review_business_days</c>, <c>waiver_lapse_suspends</c>, <c>emergency_unreviewed_suspends</c>,
/// <c>finding_second_person_from</c>, <c>evidence_max_age_days</c>, <c>revalidation_days</c>. One that is absent, of another type or out of range leaves the house's rule. Pure functions.
/// </summary>
public static class WorkflowParameters
{
    public static WorkflowRules Workflow(this PolicyPack pack, Tier tier)
    {
        var parameters = pack.Parameters((int)tier).AsMap;
        var house = WorkflowRules.House(tier);
        var evidence = Days("evidence_max_age_days", 1, house.EvidenceDays);
        return house with
        {
            EvidenceDays = evidence,
            RevalidationDays = Days("revalidation_days", 0, Math.Max(1, evidence - (house.EvidenceDays - house.RevalidationDays))),
            SignatureMaxAge = TimeSpan.FromMinutes(Whole("signature_max_age_minutes", 1, 24 * 60, (int)house.SignatureMaxAge.TotalMinutes)),
            WaiverDays = Whole("waiver_max_days", 1, 3650, house.WaiverDays),
            WaiverLevel = Whole("waiver_level", 1, 2, house.WaiverLevel),
            EmergencyDays = Whole("emergency_max_days", 1, 365, house.EmergencyDays),
            EmergencyReviewDays = Whole("emergency_review_business_days", 1, 60, house.EmergencyReviewDays),
            LapseSuspends = Flag("waiver_lapse_suspends", house.LapseSuspends),
            UnreviewedSuspends = Flag("emergency_unreviewed_suspends", house.UnreviewedSuspends),
            SecondPersonFrom = parameters.TryGet("finding_second_person_from", out var word) && word.Kind == CelKind.String
                && Enum.TryParse<FindingSeverity>(word.AsString, ignoreCase: true, out var severity) && Enum.IsDefined(severity) ? severity : house.SecondPersonFrom,
        };

        int Whole(string name, int least, int most, int otherwise) =>
            parameters.TryGet(name, out var value) && value.Kind == CelKind.Int && value.AsInt >= least && value.AsInt <= most ? (int)value.AsInt : otherwise;

        // Parameters are doubles unless their type says otherwise; rules compare the first of these with ages, which are.
        int Days(string name, int least, int otherwise) =>
            parameters.TryGet(name, out var value) && value.Kind is CelKind.Double or CelKind.Int
            && (value.Kind == CelKind.Int ? value.AsInt : value.AsDouble) is var days && days >= least && days <= 36_500 ? (int)days : otherwise;

        bool Flag(string name, bool otherwise) => parameters.TryGet(name, out var value) && value.Kind == CelKind.Bool ? value.AsBool : otherwise;
    }
}
