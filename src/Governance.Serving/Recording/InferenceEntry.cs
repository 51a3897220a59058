using System.Text.Json.Serialization;
using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Reviews;

namespace Governance.Serving.Recording;

/// <summary>
/// What the inference log keeps of one answered row for ever. Nothing in it is personal or links rows of one person: inputs, outputs, the
/// subject and the caller's request id are in the sealed payload, which can be erased. Immutable; its JSON is the log entry.
/// </summary>
public sealed record InferenceEntry
{
    public const string EntryType = "inference.v1";

    /// <summary>An answer about several people: one sealed section for each.</summary>
    public const string SharedEntryType = "inference.v2";

    /// <summary>What a shadow made of an answered request; nobody was answered with it. One sealed section for each person.</summary>
    public const string ShadowEntryType = "inference-shadow.v1";

    public const string Answered = "answered";
    public const string Shadowed = "shadowed";
    public const string Withheld = "withheld";
    public const string ReviewPending = "pending";

    public string Type { get; init; } = EntryType;

    /// <summary>UTC, truncated to the second: finer time links entries to other logs.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Route { get; init; }

    public required int Version { get; init; }

    /// <summary>The artefact that answered.</summary>
    public required Digest Model { get; init; }

    /// <summary>The bank application that asked.</summary>
    public required string Client { get; init; }

    /// <summary>Position, in the governance log, of the promotion by which this version answers; of a shadow, that of its submission.</summary>
    public required long Promotion { get; init; }

    /// <summary>
    /// <see cref="Answered"/>; <see cref="Withheld"/> where the caller was not told the decision before a person looked at it; or <see cref="Shadowed"/>.
    /// </summary>
    public required string Status { get; init; }

    /// <summary><c>pending</c> when a person has to look at the decision; null when nobody has to.</summary>
    public string? Review { get; init; }

    /// <summary>The upstream that scored; null when the gateway did.</summary>
    public string? Upstream { get; init; }

    /// <summary>Digest of the pipeline that made the score; null when one model did. The settings of the route hold the document.</summary>
    public Digest? Pipeline { get; init; }

    /// <summary>Payload sink a copy was sent to, unless it was dropped on the way; null when the route sends none.</summary>
    public string? Export { get; init; }

    /// <summary>Names the sealed payload.</summary>
    public required string KeyRef { get; init; }

    /// <summary>SHA-256 of the sealed payload's bytes, hexadecimal.</summary>
    public required string CtHash { get; init; }

    /// <summary>Hiding commitment to the payload, hexadecimal.</summary>
    public required string Commit { get; init; }

    /// <summary>The sections of the other people an answer is about; null when it is about one. Which section is whose is not said.</summary>
    public IReadOnlyList<SealedSection>? Others { get; init; }

    /// <summary>Every sealed section, as the log keeps it: one for each person.</summary>
    [JsonIgnore]
    public IReadOnlyList<SealedSection> Sections => [new SealedSection(KeyRef, CtHash, Commit), .. Others ?? []];

    /// <summary>The review this decision waits for, recorded at an index of the log.</summary>
    public ReviewState ReviewAt(long index) => new(index, Route, Version, Client, Status == Withheld, Time);

    /// <summary>What a sealed section is bound to: every field but those the sealing itself yields; among several, which of how many it is.</summary>
    /// <param name="section">From 0.</param>
    /// <param name="sections">How many people the answer is about.</param>
    public byte[] AssociatedData(int section, int sections) => sections == 1
        ? GovernanceJson.Serialize(new { Type, Time, Route, Version, Model, Client, Promotion, Status, Review, Upstream, Pipeline, Export })
        : GovernanceJson.Serialize(new { Type, Time, Route, Version, Model, Client, Promotion, Status, Review, Upstream, Pipeline, Export, Section = section, Sections = sections });
}

/// <summary>What an entry keeps of one sealed section: <see cref="InferenceEntry.KeyRef"/>, hash and commitment of it. Immutable.</summary>
public sealed record SealedSection(string KeyRef, string CtHash, string Commit)
{
    /// <summary>Seals a payload under a subject's key.</summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    internal static SealedSection Of(PayloadStore payloads, string subject, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> associatedData) =>
        Of(payloads.Seal(Subjects.Key(subject), payload, associatedData));

    internal static SealedSection Of(SealedRecord record) => new(record.KeyRef.ToString(), record.CiphertextHash.ToString(), record.Commitment.ToString());

    /// <summary>Opens the section and checks it against what the entry keeps of it.</summary>
    public OpenedPayload Open(PayloadStore payloads, ReadOnlySpan<byte> associatedData) => Governance.Ledger.KeyRef.TryParse(KeyRef, out var keyRef)
        ? payloads.Open(new SealedRecord(keyRef, new MerkleHash(Convert.FromHexString(CtHash)), new MerkleHash(Convert.FromHexString(Commit))), associatedData)
        : new OpenedPayload(PayloadState.Corrupt, []);
}

/// <summary>
/// The personal part of an answered row: sealed under the subject's key. Of an answer about several people each has a section with the whole of
/// it, for the application is theirs together; in each only its own subject is named. Immutable.
/// </summary>
/// <param name="Request">The caller's request id.</param>
/// <param name="Row">Row of the request, from 0.</param>
public sealed record InferencePayload(
    string Subject, string? Request, int Row, IReadOnlyList<float> Features, double Score, double Threshold, string Decision)
{
    /// <summary>Of the first row of a request with an id: what answers the same request again. Null for the others.</summary>
    public RequestRetry? Retry { get; init; }

    /// <summary>Protected groups the caller gave, by attribute; null when it gave none. They were not scored.</summary>
    public IReadOnlyDictionary<string, string>? Groups { get; init; }

    /// <summary>What the decision rests on, when that was asked or due; null otherwise.</summary>
    public RowExplanation? Explanation { get; init; }
}

/// <summary>What tells a repeated request from another one under the same id. Immutable.</summary>
/// <param name="Content">Hash of what was asked, 128 bits, hexadecimal.</param>
/// <param name="Rows">Rows it had: their entries follow.</param>
public sealed record RequestRetry(string Content, int Rows);
