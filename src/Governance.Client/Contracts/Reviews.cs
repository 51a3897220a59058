using System.Text.Json.Nodes;

namespace Governance.Client.Contracts;

/// <summary>A decision that waits for a person.</summary>
public sealed record ReviewDetails
{
    /// <summary>Index of the decision in the inference log; also names the review.</summary>
    public required long Id { get; init; }

    public required string Route { get; init; }

    public required int Version { get; init; }

    /// <summary>The application that asked.</summary>
    public required string Client { get; init; }

    /// <summary>When the decision was made, UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The application was not told the decision: it waits.</summary>
    public required bool Withheld { get; init; }

    /// <summary><c>pending</c>, <c>claimed</c>, <c>confirmed</c>, <c>overridden</c> or <c>erased</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Who has it; null when nobody does.</summary>
    public string? Person { get; init; }

    /// <summary>Until when, UTC.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What the decision rests on: only for who has the review. Reading it is recorded.</summary>
    public JsonObject? Payload { get; init; }
}

/// <param name="Outcome"><c>confirmed</c>: the decision stands. <c>overridden</c>: the other one holds.</param>
/// <param name="Reason">1 to 4000 characters: what was looked at, and why. Sealed with the decision.</param>
public sealed record DecideReviewRequest(string Outcome, string Reason);

/// <summary>How the reviews of a version went.</summary>
/// <param name="OverrideRate">Share of looked-at decisions that a person turned; null when none was looked at.</param>
public sealed record ReviewFiguresDetails(string Route, int Version, long Open, long Confirmed, long Overridden, double? OverrideRate);
