using System.Text.Json.Nodes;
using Governance.Core;

namespace Governance.Client.Contracts;

/// <summary>One answered row, as recorded: what served it, by whose leave, what became of it.</summary>
/// <param name="Status"><c>answered</c>, or <c>withheld</c> when the application was not told before a person looked.</param>
/// <param name="PromotionIndex">Entry of the governance log by which the version answers.</param>
/// <param name="PayloadStatus"><c>opened</c>, <c>partly-erased</c>, <c>erased</c>, <c>expired</c>, <c>missing</c>, <c>corrupt</c>, or <c>withheld</c> from this caller.</param>
/// <param name="Payload">Inputs, outputs, reasons and subject; null unless the payload was opened for this caller.</param>
public sealed record DecisionDetails(
    string Log, long Index, DateTimeOffset Time, string Route, int Version, string Client, string Status, long PromotionIndex, string PayloadStatus, JsonObject? Payload)
{
    public required Digest Model { get; init; }

    /// <summary>RFC 6962 hash of the entry, hexadecimal: what the receipt of the answer says.</summary>
    public required string LeafHash { get; init; }

    /// <summary>Proof that the entry is in the log (c2sp.org/tlog-proof), checked offline with the log's keys; null until a checkpoint covers it.</summary>
    public string? Proof { get; init; }

    /// <summary>What holds now: of a person where one decided. Null for callers who do not see it, while it is withheld, and after erasure.</summary>
    public string? Decision { get; init; }

    /// <summary>Null when no person has to look at it.</summary>
    public DecisionReview? Review { get; init; }

    /// <summary>Null for the application that asked, which sees what it was told.</summary>
    public DecisionGround? Ground { get; init; }
}

/// <summary>The review of a decision.</summary>
/// <param name="Status"><c>pending</c>, <c>claimed</c>, <c>confirmed</c>, <c>overridden</c> or <c>erased</c>.</param>
/// <param name="Person">Who has it or decided; null while nobody does.</param>
/// <param name="Index">Entry of the inference log that ended it; null while it is open.</param>
/// <param name="Reason">The reviewer's words; null for callers who do not see the payload.</param>
public sealed record DecisionReview(string Status, string? Person, DateTimeOffset? Time, long? Index, string? Reason);

/// <summary>By whose leave a version answered, as it stood when it was let in.</summary>
/// <param name="Arm"><c>champion</c> or <c>canary</c>.</param>
/// <param name="By">Who promoted it, or started it as canary.</param>
/// <param name="GateDecision">Digest of the gate's decision.</param>
/// <param name="Policy">Digest of the policies that decided; null when the decision's document is lost.</param>
/// <param name="SignOffs">The signatures it then had.</param>
/// <param name="Evidence">The evidence it then had.</param>
public sealed record DecisionGround(
    string Arm, DateTimeOffset Since, string By, Digest GateDecision, Digest? Policy, IReadOnlyList<GroundSignOff> SignOffs, IReadOnlyList<GroundEvidence> Evidence);

public sealed record GroundSignOff(string Person, string Role, string Meaning, long LedgerIndex);

public sealed record GroundEvidence(string Check, Digest Envelope, long LedgerIndex);
