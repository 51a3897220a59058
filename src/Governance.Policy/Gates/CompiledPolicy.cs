using Governance.Core.Inventory;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates;

/// <summary>A rule ready to evaluate.</summary>
internal sealed record CompiledRule(
    ValidationDocument Document, CelProgram Expression, CelProgram? When, CelProgram? Value, CelProgram? Threshold, CelProgram? Message);

/// <summary>A policy ready to evaluate: its environment, its lazy variables in order, its rules. Immutable and thread-safe.</summary>
internal sealed record CompiledPolicy(
    string Name,
    CelEnvironment Environment,
    IReadOnlyList<BindingDocument> Bindings,
    IReadOnlyList<(string Name, CelProgram Program)> Conditions,
    IReadOnlyList<(string Name, CelProgram Program)> Variables,
    CelProgram? MaxAgeDays,
    IReadOnlyList<CompiledRule> Rules);

/// <summary>Type-checks a policy against the schema and plans its expressions. Collects issues.</summary>
internal sealed class PolicyCompiler(IReadOnlyDictionary<string, CelType> schema, IReadOnlyDictionary<string, IReadOnlyList<string>> checks, List<CelIssue> issues)
{
    /// <summary>The names under which a rule's figure and limit are available to its expression and message.</summary>
    public const string Value = "value";

    public const string Threshold = "threshold";

    public CompiledPolicy Compile(PolicyDocument policy, IReadOnlyList<BindingDocument> bindings)
    {
        var environment = Environment(policy);
        var rules = policy.Validations.Select(v => Rule(environment, policy, v)).OfType<CompiledRule>().ToList();
        var compiled = new CompiledPolicy(
            policy.Name,
            environment,
            bindings,
            Programs(environment, policy.File, policy.MatchConditions, CelType.Bool),
            Programs(environment, policy.File, policy.Variables, null),
            Program(environment, policy.File, policy.MaxAgeDays, CelType.Double),
            rules);
        new GateNamesCheck(schema, issues).Check(policy, compiled);
        return compiled;
    }

    /// <summary>The schema and the policy's variables, each of which may use those before it.</summary>
    private CelEnvironment Environment(PolicyDocument policy)
    {
        var variables = new Dictionary<string, CelType>(schema);
        foreach (var (name, source) in policy.Variables)
        {
            var compiled = new CelEnvironment(variables).Compile(source);
            issues.AddRange(compiled.Issues.Select(policy.File.InFile));
            if (name is Value or Threshold || !variables.TryAdd(name, compiled.Program?.ResultType ?? CelType.Dyn))
            {
                issues.Add(policy.File.Issue(policy.At, $"the variable '{name}' is already a name of the input, of a rule, or of another variable"));
            }
        }

        variables[Value] = CelType.Double;
        variables[Threshold] = CelType.Double;
        return new CelEnvironment(variables);
    }

    private CompiledRule? Rule(CelEnvironment environment, PolicyDocument policy, ValidationDocument rule)
    {
        foreach (var (check, at) in rule.Requires)
        {
            if (!checks.ContainsKey(check))
            {
                issues.Add(policy.File.Issue(at, $"no check is called '{check}'{NearestName.Suggest(check, checks.Keys)}"));
            }
        }

        foreach (var (kind, at) in rule.Documents)
        {
            if (DocumentKind.Find(kind) is null or { Name: DocumentKind.Adjustment })
            {
                issues.Add(policy.File.Issue(at, $"no kind of document is called '{kind}'{NearestName.Suggest(kind, DocumentKind.All.Select(k => k.Name))}"));
            }
        }

        if (rule.WaitsFor is { } role && !GateSchema.Roles.Contains(role))
        {
            issues.Add(policy.File.Issue(rule.At, $"no role is called '{role}'{NearestName.Suggest(role, GateSchema.Roles)}"));
        }

        var expression = Program(environment, policy.File, rule.Expression, CelType.Bool, observe: true);
        var when = Program(environment, policy.File, rule.When, CelType.Bool);
        var value = Program(environment, policy.File, rule.Value, CelType.Double, observe: true);
        var threshold = Program(environment, policy.File, rule.Threshold, CelType.Double);
        var message = Program(environment, policy.File, rule.MessageExpression, CelType.String);
        foreach (var (name, written, given) in ((string, CelSource?, CelProgram?)[])[(Value, rule.Value, value), (Threshold, rule.Threshold, threshold)])
        {
            if (written is null && (Uses(expression, name) || Uses(message, name)))
            {
                issues.Add(policy.File.Issue(rule.At, $"the rule '{rule.Id}' uses '{name}' but does not give it"));
            }

            if (given is not null && (Uses(given, Value) || Uses(given, Threshold)))
            {
                issues.Add(policy.File.Issue(rule.At, $"'{name}' of the rule '{rule.Id}' may not refer to 'value' or 'threshold'"));
            }
        }

        return expression is null ? null : new CompiledRule(rule, expression, when, value, threshold, message);
    }

    private static bool Uses(CelProgram? program, string name) => program?.Variables.Contains(name) ?? false;

    private List<(string Name, CelProgram Program)> Programs(CelEnvironment environment, YamlSource file, IReadOnlyList<NamedExpression> expressions, CelType? result)
    {
        var programs = new List<(string, CelProgram)>();
        foreach (var (name, source) in expressions)
        {
            // Variables were reported when their types were found.
            var compiled = environment.Compile(source, new CelOptions { ResultType = result });
            issues.AddRange(result is null ? [] : compiled.Issues.Select(file.InFile));
            if (compiled.Program is { } program)
            {
                Bounded(environment, file, program);
                programs.Add((name, program));
            }
        }

        return programs;
    }

    private CelProgram? Program(CelEnvironment environment, YamlSource file, CelSource? source, CelType result, bool observe = false)
    {
        if (source is null)
        {
            return null;
        }

        var compiled = environment.Compile(source, new CelOptions { ResultType = result, Observe = observe });
        issues.AddRange(compiled.Issues.Select(file.InFile));
        Bounded(environment, file, compiled.Program);
        return compiled.Program;
    }

    /// <summary>An expression that could not finish within its limit is refused before anybody depends on it.</summary>
    private void Bounded(CelEnvironment environment, YamlSource file, CelProgram? program)
    {
        var limits = environment.Limits;
        if (program is not null && program.WorstCost > limits.Cost)
        {
            var message = FormattableString.Invariant(
                $"the expression may cost {program.WorstCost:0} for lists of {limits.AssumedElements} elements, above the limit {nameof(CelLimits.Cost)} of {limits.Cost}; go through fewer lists inside one another");
            issues.Add(file.InFile(CelIssue.At(program.Source, 0, message)));
        }
    }
}
