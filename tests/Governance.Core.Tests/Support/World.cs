using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Testing;

namespace Governance.Core.Tests.Support;

/// <summary>A governor over events in memory, and the usual first steps.</summary>
internal sealed class World : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    public World() => Governor = new Governor(Store, Time, Documents);

    public MemoryEventStore Store { get; } = new();

    public MemoryDocuments Documents { get; } = new();

    public ManualTime Time { get; } = new(Start);

    public Governor Governor { get; }

    public TestGate Gate { get; set; } = TestGate.Allows;

    public GovernanceState State => Governor.State;

    public VersionState Version => State.Version(Samples.ModelId, 1)!;

    public Digest Binding => Version.Binding(State, Gate.Policy);

    public static async Task<World> WithModelAsync()
    {
        var world = new World();
        await world.AcceptAsync(new RegisterModel(Samples.Model()), People.Dana);
        await world.AcceptAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Training)), People.Dana);
        await world.AcceptAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Evaluation)), People.Dana);
        return world;
    }

    /// <summary>With version 1, submitted.</summary>
    public static async Task<World> WithVersionAsync()
    {
        var world = await WithModelAsync();
        await world.AcceptAsync(Samples.Submission(), People.Dana);
        return world;
    }

    /// <summary>With version 1 and evidence of one check.</summary>
    public static async Task<World> WithEvidenceAsync()
    {
        var world = await WithVersionAsync();
        await world.RecordAsync("run-1", "result 1");
        return world;
    }

    /// <summary>With version 1 answering the route.</summary>
    public static async Task<World> PromotedAsync()
    {
        var world = await WithEvidenceAsync();
        await world.AcceptAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia);
        return world;
    }

    public async Task RecordAsync(string runId, string result, int version = 1)
    {
        await AcceptAsync(new StartCheckRun(Samples.ModelId, version, runId, ["validation.discrimination"], 1), People.Victor);
        await AcceptAsync(
            new RecordEvidence(Samples.ModelId, version, runId, CheckFamily.Validation, "validation.discrimination", Samples.D("envelope " + result), Samples.D(result)),
            People.System);
        await AcceptAsync(new FinishCheckRun(Samples.ModelId, version, runId, 1, [], []), People.System);
    }

    public SignOffVersion SignOff(Role role, SignOffMeaning meaning = SignOffMeaning.Approved) =>
        new(Samples.ModelId, 1, role, meaning, "Looked at the evidence.", Binding);

    public Task<CommandOutcome> ExecuteAsync(Command command, Caller caller, RequestKey? key = null) =>
        Governor.ExecuteAsync(command, caller, Gate, key, TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<RecordedEvent>> AcceptAsync(Command command, Caller caller, RequestKey? key = null)
    {
        var outcome = await ExecuteAsync(command, caller, key);
        Assert.True(outcome is CommandOutcome.Accepted, (outcome as CommandOutcome.Refused)?.Refusal.ToString());
        return ((CommandOutcome.Accepted)outcome).Events;
    }

    /// <summary>The command is refused with this code; unless the refusal is itself recorded, nothing else changes.</summary>
    public async Task<Refusal> RefuseAsync(Command command, Caller caller, string code, bool recorded = false)
    {
        var before = State;
        var outcome = await ExecuteAsync(command, caller);
        var refused = Assert.IsType<CommandOutcome.Refused>(outcome);
        Assert.Equal(code, refused.Refusal.Code);
        if (!recorded)
        {
            Assert.Same(before, State);
            Assert.Equal(before.Position, Store.Events.Count);
        }

        return refused.Refusal;
    }

    public void Dispose() => Governor.Dispose();
}
