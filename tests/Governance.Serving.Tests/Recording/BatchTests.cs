using Governance.Core.Serving;
using Governance.Ledger;
using Governance.Serving.Tests.Support;
using Governance.Testing;

namespace Governance.Serving.Tests.Recording;

/// <summary>A batch is sealed by several processors at once: each row's entry is its own, in the order of rows.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1001)]
    public async Task Every_row_of_a_batch_has_its_own_entry_and_payload_in_order(int rows)
    {
        await using var room = ServingRoom.Open(folder);
        float[] features = [.. Enumerable.Range(0, rows).Select(i => i / (float)rows)];
        var route = ServingRoom.Route(new RouteSettings { Review = new ReviewRule(ReviewWhen.NearCutoff, 0.1) });
        var answer = await room.AnswerAsync(ServingRoom.Call("batch", "S", features), route);
        Assert.Equal((0, rows), (answer.FirstIndex, room.Log.Size));
        for (var row = 0; row < rows; row++)
        {
            Assert.Equal(answer.Leaves[row], MerkleTree.LeafHash(room.Log.Reader.Read(row)));
            var entry = room.Archive.Entry(row)!;
            var (state, payload, _) = room.Archive.Payload(entry);
            Assert.Equal((PayloadState.Opened, $"S-{row}", row, features[row]), (state, payload!.Subject, payload.Row, payload.Features.Single()));
            Assert.Equal(answer.Reviews![row], entry.Review is not null);
        }
    }
}
