using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Life;

/// <summary>
/// Compares what two packs say, not how they are written: comments, order, files and layout make no difference. Pure functions.
/// </summary>
public static class PolicyDiff
{
    public static IReadOnlyList<PolicyChange> Compare(PolicyPack before, PolicyPack after)
    {
        var changes = new List<PolicyChange>();
        Fields("pack", after.Name, Pack(before), Pack(after), changes);
        Parts("parameter", Parameters(before), Parameters(after), changes);
        Parts("policy", Policies(before), Policies(after), changes);
        Parts("rule", Rules(before), Rules(after), changes);
        return changes;
    }

    private static Dictionary<string, string> Pack(PolicyPack pack) => new() { ["name"] = pack.Name, ["version"] = pack.Version };

    private static Dictionary<string, Dictionary<string, string>> Parameters(PolicyPack pack) => pack.ParameterDocuments.ToDictionary(
        p => p.Name,
        p => p.ByTier.Select(v => CelText.Display(v)).Distinct(StringComparer.Ordinal).Count() == 1
            ? new Dictionary<string, string> { ["value"] = CelText.Display(p.ByTier[0]) }
            : p.ByTier.Select((v, i) => (Name: $"tier {i + 1}", Value: CelText.Display(v))).ToDictionary(t => t.Name, t => t.Value),
        StringComparer.Ordinal);

    private static Dictionary<string, Dictionary<string, string>> Policies(PolicyPack pack) => pack.Policies.ToDictionary(
        p => p.Name,
        p =>
        {
            var fields = new Dictionary<string, string> { ["bindings"] = string.Join("; ", p.Bindings.Select(Binding).Order(StringComparer.Ordinal)) };
            Add(fields, "evidence.maxAgeDays", p.MaxAgeDays?.Source);
            foreach (var (name, program) in p.Conditions)
            {
                Add(fields, $"condition {name}", program.Source);
            }

            foreach (var (name, program) in p.Variables)
            {
                Add(fields, $"variable {name}", program.Source);
            }

            return fields;
        },
        StringComparer.Ordinal);

    private static Dictionary<string, Dictionary<string, string>> Rules(PolicyPack pack) =>
        pack.Policies.SelectMany(p => p.Rules.Select(r => (Policy: p.Name, r.Document))).ToDictionary(r => r.Document.Id, r => Rule(r.Policy, r.Document), StringComparer.Ordinal);

    private static Dictionary<string, string> Rule(string policy, ValidationDocument rule)
    {
        var fields = new Dictionary<string, string>
        {
            ["policy"] = policy,
            ["title"] = rule.Title,
            ["severity"] = rule.Severity.ToString().ToLowerInvariant(),
            ["waivable"] = rule.Waivable ? "true" : "false",
            ["message"] = rule.Message,
            ["citation"] = rule.Citation,
            ["rationale"] = rule.Rationale,
            ["remediation"] = rule.Remediation,
            ["requires"] = string.Join(", ", rule.Requires.Select(r => r.Check)),
            ["waitsFor"] = rule.WaitsFor ?? "",
            ["effective.from"] = rule.EffectiveFrom is { } from ? $"{from:yyyy-MM-dd}" : "",
            ["effective.until"] = rule.EffectiveUntil is { } until ? $"{until:yyyy-MM-dd}" : "",
        };
        Add(fields, "expression", rule.Expression);
        Add(fields, "when", rule.When);
        Add(fields, "value", rule.Value);
        Add(fields, "threshold", rule.Threshold);
        Add(fields, "messageExpression", rule.MessageExpression);
        return fields;
    }

    private static string Binding(BindingDocument binding)
    {
        var gates = binding.Gates.Count == 0 ? GateSchema.Lifecycle : binding.Gates;
        return string.Join(' ', ((string Name, IReadOnlyList<string> Values)[])[("gates", gates), ("targets", binding.Targets), ("tiers", binding.Tiers), ("jurisdictions", binding.Jurisdictions)]
            is var parts ? parts.Where(p => p.Values.Count > 0).Select(p => $"{p.Name} {string.Join('|', p.Values)}") : []);
    }

    private static void Add(Dictionary<string, string> fields, string name, CelSource? source)
    {
        if (source is not null)
        {
            fields[name] = string.Join(' ', source.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static void Parts(string what, Dictionary<string, Dictionary<string, string>> before, Dictionary<string, Dictionary<string, string>> after, List<PolicyChange> changes)
    {
        foreach (var id in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            switch (before.GetValueOrDefault(id), after.GetValueOrDefault(id))
            {
                case (null, { } added):
                    changes.Add(new PolicyChange(PolicyChangeKind.Added, what, id, null, null, Summary(added)));
                    break;
                case ({ } removed, null):
                    changes.Add(new PolicyChange(PolicyChangeKind.Removed, what, id, null, Summary(removed), null));
                    break;
                case ({ } old, { } now):
                    Fields(what, id, old, now, changes);
                    break;
            }
        }
    }

    /// <summary>What identifies a part best: its title, its value, or all of it.</summary>
    private static string Summary(Dictionary<string, string> fields) =>
        fields.TryGetValue("title", out var title) ? $"{title} ({fields["severity"]})" : string.Join(", ", fields.Where(f => f.Value.Length > 0).Select(f => $"{f.Key} {f.Value}"));

    private static void Fields(string what, string id, Dictionary<string, string> before, Dictionary<string, string> after, List<PolicyChange> changes)
    {
        foreach (var field in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var (old, now) = (before.GetValueOrDefault(field, ""), after.GetValueOrDefault(field, ""));
            if (old != now)
            {
                changes.Add(new PolicyChange(PolicyChangeKind.Changed, what, id, field, old.Length > 0 ? old : null, now.Length > 0 ? now : null));
            }
        }
    }
}
