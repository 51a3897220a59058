using Governance.Client.Contracts;

namespace Governance.Cli.Demo.Steps;

/// <summary>A data subject is forgotten: two people approve, the record cannot be opened any more, the proof still holds.</summary>
internal sealed class EraseStep : ITourStep
{
    public string Title => "A data subject is erased; the proof stands";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var index = tour.Facts.DecisionIndex!.Value;
        var erasure = await tour.As(Personas.Dpo).RequestErasureAsync(
            new RequestErasureRequest(tour.Facts.Subject!, "consent_withdrawn"), tour.Key("erasure"), cancellationToken);
        tour.Remember(facts => facts with { ErasureId = erasure.Id });
        tour.Say($"Dora, data protection officer, records the request {erasure.Id} for subject reference {erasure.SubjectReference}.");

        if ((await tour.As(Personas.Dpo).GetErasureAsync(erasure.Id, cancellationToken)).Status != ErasureStatus.Executed)
        {
            await EraseAsync(tour, erasure.Id, index, cancellationToken);
        }

        erasure = await tour.As(Personas.Dpo).GetErasureAsync(erasure.Id, cancellationToken);
        TourContext.Require(erasure is { Status: ErasureStatus.Executed, Records: >= 1 }, "the erasure destroyed at least the record of the decision");
        tour.Say($"Executed: {erasure.Records} record(s) destroyed, root over their key references {erasure.DestroyedRoot}.");

        var after = await tour.As(Personas.Compliance).GetDecisionAsync(index, cancellationToken);
        TourContext.Require(after is { PayloadStatus: "erased", Payload: null }, "the record of the decision can no longer be opened");
        var proof = await Receipts.VerifyAsync(tour, index, cancellationToken);
        TourContext.Require(proof.LeafHash == tour.Facts.Receipt, "the erased record's entry still has the receipt's leaf hash");
        tour.Say($"Entry {index} is still there and its inclusion in the tree of {proof.Checkpoint.Size} entries still verifies; what it said about the person is gone.");
        tour.Prove($"Two people approved; the record can no longer be decrypted; its inclusion proof verifies as before.");
    }

    private static async Task EraseAsync(TourContext tour, string id, long index, CancellationToken cancellationToken)
    {
        var before = await tour.As(Personas.Compliance).GetDecisionAsync(index, cancellationToken);
        TourContext.Require(before is { PayloadStatus: "opened", Payload: not null }, "compliance can open the record before the erasure");
        tour.Say($"Carla, compliance, can still open the record of entry {index}.");

        var early = await TourContext.RefusedAsync("an erasure is executed without approvals", 409, ["approvals-missing"],
            () => tour.As(Personas.Dpo).ExecuteErasureAsync(id, tour.Key("execute-early"), cancellationToken));
        tour.Say($"Executing it now is refused ({early.Code}): {early.Detail}");
        await tour.As(Personas.Owner).ApproveErasureAsync(id, "owner", tour.Key("approve-owner"), cancellationToken);
        await tour.As(Personas.Compliance).ApproveErasureAsync(id, "compliance", tour.Key("approve-compliance"), cancellationToken);
        tour.Say($"Olivia approves as owner, Carla as compliance.");
        await tour.As(Personas.Dpo).ExecuteErasureAsync(id, tour.Key("execute"), cancellationToken);
    }
}
