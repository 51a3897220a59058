using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Gates;

/// <summary>
/// Reports what a policy may not do at a gate it is bound to: read a part of the input that this gate does not have, and, at serving, wait for
/// people or evidence. Without it the rule would be a gap at every request.
/// </summary>
internal sealed class GateNamesCheck(IReadOnlyDictionary<string, CelType> schema, List<CelIssue> issues)
{
    public void Check(PolicyDocument policy, CompiledPolicy compiled)
    {
        foreach (var gate in GateSchema.Gates.Where(g => compiled.Bindings.Any(b => b.Covers(g))))
        {
            foreach (var program in Programs(compiled))
            {
                foreach (var name in program.Variables.Where(v => schema.ContainsKey(v) && !GateSchema.Has(gate, v)))
                {
                    var at = Math.Max(0, program.Source.Text.IndexOf(name, StringComparison.Ordinal));
                    issues.Add(policy.File.InFile(CelIssue.At(program.Source, at, $"'{name}' is not known at the gate {gate}, to which the policy is bound")));
                }
            }

            if (gate == GateNames.Serve)
            {
                Serving(policy);
            }
        }
    }

    private void Serving(PolicyDocument policy)
    {
        foreach (var rule in policy.Validations.Where(r => r.Requires.Count > 0 || r.WaitsFor is not null || r.Waivable || r.Severity == RuleSeverity.Review))
        {
            issues.Add(policy.File.Issue(rule.At, $"the rule '{rule.Id}' is asked at every request and so can neither require evidence, wait for somebody, nor be waived"));
        }
    }

    private static IEnumerable<CelProgram> Programs(CompiledPolicy policy)
    {
        var ofRules = policy.Rules.SelectMany(r => (CelProgram?[])[r.When, r.Value, r.Threshold, r.Expression, r.Message]);
        return [.. policy.Conditions.Concat(policy.Variables).Select(p => p.Program), .. ofRules.Append(policy.MaxAgeDays).OfType<CelProgram>()];
    }
}
