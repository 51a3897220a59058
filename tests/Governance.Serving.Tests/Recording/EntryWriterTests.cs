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
        ArbMap.Default.ArbFor<(ulong Seed, bool Waits, string? Upstream, bool Piped)>(),
        (ground, row) =>
        {
            var record = new SealedRecord(
                new KeyRef(new UInt128(row.Seed, ~row.Seed)), MerkleTree.LeafHash(BitConverter.GetBytes(row.Seed)), MerkleTree.LeafHash(BitConverter.GetBytes(~row.Seed)));
            var entry = new InferenceEntry
            {
                Time = DateTimeOffset.UnixEpoch.AddSeconds(ground.Version), Route = Valid(ground.Route.Get), Version = ground.Version, Model = Digest.Of(BitConverter.GetBytes(row.Seed)),
                Client = Valid(ground.Client.Get), Promotion = ground.Promotion, Status = InferenceEntry.Answered, Review = row.Waits ? InferenceEntry.ReviewPending : null,
                Upstream = row.Upstream is null ? null : Valid(row.Upstream), Pipeline = row.Piped ? Digest.Of(BitConverter.GetBytes(~row.Seed)) : null,
                KeyRef = record.KeyRef.ToString(), CtHash = record.CiphertextHash.ToString(), Commit = record.Commitment.ToString(),
            };
            return EntryWriter.Entry(entry.AssociatedData(0, 1), record).AsSpan().SequenceEqual(GovernanceJson.Serialize(entry));
        }).QuickCheckThrowOnFailure();

    /// <summary>The text is an entry from before there were pipelines: what was sealed then is opened by these bytes.</summary>
    [Fact]
    public void An_entry_without_a_pipeline_has_the_bytes_it_always_had()
    {
        const string Bound = """{"type":"inference.v1","time":"1970-01-01T00:00:09+00:00","route":"credit","version":2,"model":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","client":"loans-app","promotion":7,"status":"answered","review":"pending","upstream":"triton"}""";
        var record = new SealedRecord(new KeyRef(UInt128.One), MerkleTree.LeafHash("a"u8), MerkleTree.LeafHash("b"u8));
        var entry = new InferenceEntry
        {
            Time = DateTimeOffset.UnixEpoch.AddSeconds(9), Route = "credit", Version = 2, Model = Digest.Of("test"u8), Client = "loans-app", Promotion = 7,
            Status = InferenceEntry.Answered, Review = InferenceEntry.ReviewPending, Upstream = "triton",
            KeyRef = record.KeyRef.ToString(), CtHash = record.CiphertextHash.ToString(), Commit = record.Commitment.ToString(),
        };
        var old = $"{Bound[..^1]},\"keyRef\":\"{entry.KeyRef}\",\"ctHash\":\"{entry.CtHash}\",\"commit\":\"{entry.Commit}\"}}";

        Assert.Equal(Bound, Encoding.UTF8.GetString(entry.AssociatedData(0, 1)));
        Assert.Equal($"{Bound[..^1]},\"section\":1,\"sections\":2}}", Encoding.UTF8.GetString(entry.AssociatedData(1, 2)));
        Assert.Equal(old, Encoding.UTF8.GetString(EntryWriter.Entry(entry.AssociatedData(0, 1), record)));
        Assert.Equal(entry, GovernanceJson.Deserialize<InferenceEntry>(Encoding.UTF8.GetBytes(old)));
    }

    /// <summary>Lone surrogates do not survive UTF-8 and cannot come out of a request.</summary>
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
