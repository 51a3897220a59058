using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Core;
using Governance.Ledger;
using Governance.Serving.Recording;

namespace Governance.Serving.Tests.Recording;

/// <summary>What is written by hand is what the serialiser writes: entries are for ever, and opened by what the serialiser says they are bound to.</summary>
public sealed class EntryWriterTests
{
    [Fact]
    public void A_payload_has_the_serialisers_bytes() => Prop.ForAll(
        ArbMap.Default.ArbFor<(NonNull<string> Subject, string? Request, int Row, NormalFloat[] Features)>(),
        ArbMap.Default.ArbFor<(NormalFloat Score, NormalFloat Threshold, string? Reason, bool HasRetry)>(),
        (about, answer) =>
        {
            var features = Array.ConvertAll(about.Features, f => (float)f.Get).Where(float.IsFinite).ToArray();
            var payload = new InferencePayload(
                Valid(about.Subject.Get), about.Request is null ? null : Valid(about.Request), about.Row, features, answer.Score.Get, answer.Threshold.Get, Decisions.Adverse)
            {
                Retry = answer.HasRetry ? new RequestRetry("00ff", 3) : null,
                Explanation = answer.Reason is { } reason ? new RowExplanation([new AnswerReason(Valid(reason), "Text & <more> “quoted”")]) : null,
            };
            return EntryWriter.Payload(payload, features).SequenceEqual(GovernanceJson.Serialize(payload));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_entry_has_the_serialisers_bytes() => Prop.ForAll(
        ArbMap.Default.ArbFor<(NonNull<string> Route, NonNull<string> Client, int Version, long Promotion)>(),
        ArbMap.Default.ArbFor<(ulong Seed, bool Waits, string? Upstream)>(),
        (ground, row) =>
        {
            var record = new SealedRecord(
                new KeyRef(new UInt128(row.Seed, ~row.Seed)), MerkleTree.LeafHash(BitConverter.GetBytes(row.Seed)), MerkleTree.LeafHash(BitConverter.GetBytes(~row.Seed)));
            var entry = new InferenceEntry
            {
                Time = DateTimeOffset.UnixEpoch.AddSeconds(ground.Version), Route = Valid(ground.Route.Get), Version = ground.Version, Model = Digest.Of(BitConverter.GetBytes(row.Seed)),
                Client = Valid(ground.Client.Get), Promotion = ground.Promotion, Status = InferenceEntry.Answered, Review = row.Waits ? InferenceEntry.ReviewPending : null,
                Upstream = row.Upstream is null ? null : Valid(row.Upstream),
                KeyRef = record.KeyRef.ToString(), CtHash = record.CiphertextHash.ToString(), Commit = record.Commitment.ToString(),
            };
            return EntryWriter.Entry(entry.AssociatedData(0, 1), record).AsSpan().SequenceEqual(GovernanceJson.Serialize(entry));
        }).QuickCheckThrowOnFailure();

    /// <summary>Lone surrogates do not survive UTF-8 and cannot come out of a request.</summary>
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
