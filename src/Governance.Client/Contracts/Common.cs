using Governance.Core.Identity;

namespace Governance.Client.Contracts;

/// <summary>A page of a list, in a stable order.</summary>
/// <param name="Next">Pass as <c>pageToken</c> to get the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Who the caller is to the gateway.</summary>
public sealed record Me(string Subject, string Name, CallerKind Kind, IReadOnlyList<string> Roles);

/// <summary>RFC 9457 problem details as the gateway writes them.</summary>
public sealed record Problem
{
    /// <summary><c>urn:governance:problem:{code}</c>.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public string? Detail { get; init; }

    public string? Instance { get; init; }

    /// <summary>Stable kebab-case code: <c>self-sign-off</c>.</summary>
    public string? Code { get; init; }

    /// <summary>All faults, when there are several.</summary>
    public IReadOnlyList<string>? Faults { get; init; }

    /// <summary>The rule of policy behind the refusal of a decision: a guard that refused the request, or a rule by which the version is suspended.</summary>
    public string? Rule { get; init; }

    /// <summary>The gate's decision, when a gate said no.</summary>
    public Governance.Core.Gates.GateDecision? Gate { get; init; }

    /// <summary>Under <c>/v2</c> the same as <see cref="Detail"/>: what the Open Inference Protocol calls an error. Null elsewhere.</summary>
    public string? Error { get; init; }

    /// <summary>For support: finds the request in the operator's log.</summary>
    public string? TraceId { get; init; }
}
