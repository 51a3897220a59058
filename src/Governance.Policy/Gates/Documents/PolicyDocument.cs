using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates.Documents;

/// <summary>A named expression: a match condition or a variable.</summary>
internal sealed record NamedExpression(string Name, CelSource Source);

/// <summary>One rule as written. Immutable.</summary>
internal sealed record ValidationDocument
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required CelSource Expression { get; init; }

    public required RuleSeverity Severity { get; init; }

    public required string Message { get; init; }

    public required string Citation { get; init; }

    public required string Rationale { get; init; }

    public required string Remediation { get; init; }

    public CelSource? When { get; init; }

    public CelSource? Value { get; init; }

    public CelSource? Threshold { get; init; }

    public CelSource? MessageExpression { get; init; }

    public IReadOnlyList<(string Check, YamlNode At)> Requires { get; init; } = [];

    /// <summary>Kinds of documents that must be attached and not expired.</summary>
    public IReadOnlyList<(string Kind, YamlNode At)> Documents { get; init; } = [];

    public string? WaitsFor { get; init; }

    public bool Waivable { get; init; }

    public DateTimeOffset? EffectiveFrom { get; init; }

    public DateTimeOffset? EffectiveUntil { get; init; }

    public required YamlNode At { get; init; }

    public bool InForce(DateTimeOffset time) => !(time < EffectiveFrom) && !(time >= EffectiveUntil);
}

/// <summary>A document of kind Policy as written. Immutable.</summary>
internal sealed record PolicyDocument(
    YamlSource File,
    YamlNode At,
    string Name,
    CelSource? MaxAgeDays,
    IReadOnlyList<NamedExpression> MatchConditions,
    IReadOnlyList<NamedExpression> Variables,
    IReadOnlyList<ValidationDocument> Validations);

/// <summary>A document of kind Binding: where a policy applies. An empty list means everywhere, but that serving and monitoring are named.</summary>
internal sealed record BindingDocument(
    YamlSource File,
    YamlNode At,
    string Policy,
    IReadOnlyList<string> Gates,
    IReadOnlyList<string> Targets,
    IReadOnlyList<string> Tiers,
    IReadOnlyList<string> Jurisdictions)
{
    /// <summary>Whether the policy applies at a gate; without gates, at those of a version's way into service.</summary>
    public bool Covers(string gate) => (Gates.Count == 0 ? GateSchema.Lifecycle : Gates).Contains(gate);
}

/// <summary>One parameter of a document of kind Params, with its value for tiers 1, 2 and 3.</summary>
internal sealed record ParameterDocument(YamlSource File, YamlNode At, string Name, CelType Type, IReadOnlyList<CelValue> ByTier);
