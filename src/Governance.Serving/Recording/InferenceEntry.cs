using System.Text.Json.Serialization;
using Governance.Core;

namespace Governance.Serving.Recording;

/// <summary>
/// What the inference log keeps of one answered row for ever. Nothing in it is personal or links rows of one person: inputs, outputs, the
/// subject and the caller's request id are in the sealed payload, which can be erased. Immutable; its JSON is the log entry.
/// </summary>
public sealed record InferenceEntry
{
    public const string EntryType = "inference.v1";

    public string Type { get; init; } = EntryType;

    /// <summary>UTC, truncated to the second: finer time links entries to other logs.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Route { get; init; }

    public required int Version { get; init; }

    /// <summary>The artefact that answered.</summary>
    public required Digest Model { get; init; }

    /// <summary>The bank application that asked.</summary>
    public required string Client { get; init; }

    /// <summary>Position, in the governance log, of the promotion by which this version answers.</summary>
    public required long Promotion { get; init; }

    public required string Status { get; init; }

    /// <summary>Names the sealed payload.</summary>
    public required string KeyRef { get; init; }

    /// <summary>SHA-256 of the sealed payload's bytes, hexadecimal.</summary>
    public required string CtHash { get; init; }

    /// <summary>Hiding commitment to the payload, hexadecimal.</summary>
    public required string Commit { get; init; }

    /// <summary>What the sealed payload is bound to: every field but those the sealing itself yields.</summary>
    [JsonIgnore]
    public byte[] AssociatedData => GovernanceJson.Serialize(new { Type, Time, Route, Version, Model, Client, Promotion, Status });
}

/// <summary>The personal part of an answered row: sealed under the subject's key. Immutable.</summary>
/// <param name="Request">The caller's request id.</param>
/// <param name="Row">Row of the request, from 0.</param>
public sealed record InferencePayload(
    string Subject, string? Request, int Row, IReadOnlyList<float> Features, double Score, double Threshold, string Decision);
