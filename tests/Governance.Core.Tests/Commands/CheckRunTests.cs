using Governance.Core.Commands;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class CheckRunTests
{
    private static readonly RecordEvidence Record = new(
        Samples.ModelId, 1, "run-1", CheckFamily.Fairness, "fairness.adverse_impact", Samples.D("envelope"), Samples.D("result"));

    [Fact]
    public async Task Evidence_belongs_to_a_run_that_is_open()
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(Record, People.System, "run-not-open");
        await world.AcceptAsync(new StartCheckRun(Samples.ModelId, 1, "run-1", ["fairness.adverse_impact", "c"], 3), People.Dana);
        await world.AcceptAsync(Record, People.System);
        await world.RefuseAsync(Record with { RunId = "run-2" }, People.System, "run-not-open");
        await world.AcceptAsync(
            new FinishCheckRun(Samples.ModelId, 1, "run-1", 1, [new CheckNotRun("c", "No reference score.")], []), People.System);
        await world.RefuseAsync(Record, People.System, "run-not-open");

        var run = Assert.Single(world.Version.Runs);
        Assert.Equal((3L, "dana", 1), (run.Seed, run.StartedBy, run.Finished!.Recorded));
        Assert.Equal(Samples.D("envelope"), world.Version.Evidence["fairness.adverse_impact"].Envelope);
    }

    [Fact]
    public async Task Runs_are_of_versions_that_exist()
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(new StartCheckRun("nothing", 1, "r", [], 1), People.Victor, "model-unknown");
        await world.RefuseAsync(new StartCheckRun(Samples.ModelId, 7, "r", [], 1), People.Victor, "version-unknown");
    }

    [Fact]
    public async Task A_run_is_compared_with_other_versions_of_the_model()
    {
        using var world = await World.WithVersionAsync();
        foreach (var settings in new RunSettings[] { new() { Champion = 1 }, new() { Previous = 2 }, new() { Champion = -1 }, new() { Alternatives = [0] } })
        {
            await world.RefuseAsync(new StartCheckRun(Samples.ModelId, 1, "r", ["c"], 1, Settings: settings), People.Victor, "compared-version");
        }

        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);
        var compared = new RunSettings { Champion = 1, Alternatives = [1], Parameters = [new ParameterSetting("c", "bins", 20)] };
        await world.AcceptAsync(new StartCheckRun(Samples.ModelId, 2, "r", ["c"], 1, Settings: compared), People.Victor);

        Assert.Equal(compared, Assert.Single(world.Governor.State.Version(Samples.ModelId, 2)!.Runs).Settings);
    }
}
