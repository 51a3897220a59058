using Governance.Core.Commands;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Who_registers_becomes_a_developer_once()
    {
        using var world = new World();
        var events = await world.AcceptAsync(new RegisterModel(Samples.Model() with { Developers = ["dana", "devi"] }), People.Dana);

        Assert.Equal(["dana", "devi"], Assert.IsType<ModelRegistered>(events.Single().Event).Model.Developers);
    }

    [Theory]
    [InlineData("dana")]
    [InlineData("devi")]
    public async Task The_owner_is_no_developer(string owner)
    {
        using var world = new World();
        await world.RefuseAsync(new RegisterModel(Samples.Model() with { Owner = owner, Developers = ["devi"] }), People.Dana, "owner-is-developer");
    }

    public static TheoryData<string, ModelRegistration> BadModels() => new()
    {
        { "id", Samples.Model("") },
        { "id", Samples.Model("A") },
        { "id", Samples.Model("../etc") },
        { "id", Samples.Model("a--b") },
        { "id", Samples.Model(new string('a', 65)) },
        { "name", Samples.Model() with { Name = "two\nlines" } },
        { "name", Samples.Model() with { Name = new string('n', 201) } },
        { "use", Samples.Model() with { Use = " " } },
        { "use", Samples.Model() with { Use = "bell\u0007" } },
        { "owner", Samples.Model() with { Owner = "" } },
        { "developers", Samples.Model() with { Developers = [null!] } },
        { "developers", Samples.Model() with { Developers = [.. Enumerable.Repeat("d", 51)] } },
        { "jurisdictions", Samples.Model() with { Jurisdictions = [] } },
        { "jurisdictions", Samples.Model() with { Jurisdictions = ["eu"] } },
        { "jurisdictions", Samples.Model() with { Jurisdictions = [null!] } },
    };

    [Theory]
    [MemberData(nameof(BadModels), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_registration_names_the_member(string member, ModelRegistration model)
    {
        using var world = new World();
        var refusal = await world.RefuseAsync(new RegisterModel(model), People.Dana, "invalid-model");
        Assert.StartsWith(member + ":", Assert.Single(refusal.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_faults_are_told_at_once()
    {
        using var world = new World();
        var refusal = await world.RefuseAsync(
            new RegisterModel(Samples.Model("Bad Id") with { Name = "", Jurisdictions = ["europe"] }), People.Dana, "invalid-model");
        Assert.Equal(3, refusal.Faults.Count);
    }

    [Fact]
    public async Task Ids_are_taken_once()
    {
        using var world = await World.WithModelAsync();
        await world.RefuseAsync(new RegisterModel(Samples.Model()), People.Dana, "model-exists");
        await world.RefuseAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Training)), People.Dana, "dataset-exists");
    }

    public static TheoryData<string, DatasetRegistration> BadDatasets() => new()
    {
        { "id", Samples.Dataset(DatasetUse.Training, "No") },
        { "name", Samples.Dataset(DatasetUse.Training, "more") with { Name = "" } },
        { "legalBasis", Samples.Dataset(DatasetUse.Training, "more") with { LegalBasis = "because" } },
        { "retentionMonths", Samples.Dataset(DatasetUse.Training, "more") with { RetentionMonths = 0 } },
        { "retentionMonths", Samples.Dataset(DatasetUse.Training, "more") with { RetentionMonths = 601 } },
        { "schema", Samples.Dataset(DatasetUse.Training, "more") with { Features = [] } },
        { "origin.parents", Samples.Dataset(DatasetUse.Training, "more") with { Origin = new DatasetOrigin([], "split") } },
        { "origin.parents", Samples.Dataset(DatasetUse.Training, "more") with { Origin = new DatasetOrigin([Samples.D("nothing")], "split") } },
        { "origin.parents", Samples.Dataset(DatasetUse.Training, "more") with { Origin = new DatasetOrigin([Samples.D("data Training")], "split") } },
        { "parts", Samples.InParts("more", [Samples.D("a")], null) },
        { "parts", Samples.InParts("more", [Samples.D("a"), Samples.D("a")], null) },
        { "parts", Samples.InParts("more", [Samples.D("a"), Samples.D("b")], null) with { Rows = 21 } },
        { "parts", Samples.InParts("more", [Samples.D("a"), Samples.D("b")], null) with { Digest = Samples.D("a") } },
        { "schema", Samples.Dataset(DatasetUse.Training, "more") with { Protected = new Dictionary<string, string> { ["debt"] = "x" } } },
    };

    [Theory]
    [MemberData(nameof(BadDatasets), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_dataset_names_the_member(string member, DatasetRegistration dataset)
    {
        using var world = new World();
        var refusal = await world.RefuseAsync(new RegisterDataset(dataset), People.Dana, "invalid-dataset");
        Assert.StartsWith(member + ":", Assert.Single(refusal.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dataset_names_what_it_was_made_from_and_its_lineage_is_walked_to_the_sources()
    {
        using var world = await World.WithModelAsync();
        var source = Samples.D("data Evaluation");
        var first = Samples.InParts("second", [source, Samples.D("more")], new DatasetOrigin([source], "rows appended"));
        var second = Samples.InParts("third", [source, Samples.D("more"), Samples.D("last")], new DatasetOrigin([first.Digest, source], "rows appended", Samples.D("program")));
        await world.RefuseAsync(new RegisterDataset(second), People.Dana, "invalid-dataset");
        await world.RefuseAsync(new RegisterDataset(first with { Origin = new DatasetOrigin([source], " ") }), People.Dana, "invalid-dataset");
        await world.AcceptAsync(new RegisterDataset(first), People.Dana);
        await world.AcceptAsync(new RegisterDataset(second), People.Dana);

        Assert.Equal(
            [("third", 0, 2), ("second", 1, 1), ("evaluation", 1, 0)],
            DatasetLineage.Of(world.State, second).Select(s => (Assert.Single(s.Datasets), s.Depth, s.Origin?.Parents.Count ?? 0)));
    }

    [Fact]
    public async Task Data_of_people_who_are_being_erased_is_not_registered_again()
    {
        using var world = await World.WithModelAsync();
        await world.AcceptAsync(new RequestErasure("e1", "objection", "S-1", "k"), People.Dora);
        await world.AcceptAsync(new ApproveErasure("e1", Role.Owner), People.Person("o", Role.Owner));
        await world.AcceptAsync(new ApproveErasure("e1", Role.Compliance), People.Person("c", Role.Compliance));
        await world.AcceptAsync(new StartErasure("e1", 2, "root", [new DatasetHolding("evaluation", 1)]), People.System);
        var held = Samples.D("data Evaluation");

        await world.RefuseAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Evaluation, "again")), People.Dana, "dataset-has-erased-rows");
        await world.RefuseAsync(new RegisterDataset(Samples.InParts("more", [held, Samples.D("more")], new DatasetOrigin([held], "rows appended"))), People.Dana, "dataset-has-erased-rows");
        await world.AcceptAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Evaluation, "without") with { Digest = Samples.D("without") }), People.Dana);
    }

    [Fact]
    public async Task The_same_file_is_another_version_over_other_data()
    {
        using var world = await World.WithVersionAsync();
        var held = Samples.D("data Evaluation");
        await world.AcceptAsync(new RegisterDataset(Samples.InParts("more", [held, Samples.D("more")], new DatasetOrigin([held], "rows appended"))), People.Dana);
        await world.AcceptAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Evaluation, "copy")), People.Dana);

        await world.AcceptAsync(Samples.Submission() with { EvaluationDataset = "more" }, People.Dana);
        await world.RefuseAsync(Samples.Submission() with { EvaluationDataset = "more" }, People.Dana, "version-exists");
        await world.RefuseAsync(Samples.Submission() with { EvaluationDataset = "copy" }, People.Dana, "version-exists");
    }

    public static TheoryData<string, SubmitVersion> BadVersions() => new()
    {
        { "model-unknown", Samples.Submission(modelId: "nothing") },
        { "dataset-unknown", Samples.Submission() with { TrainingDataset = "nothing" } },
        { "wrong-dataset", Samples.Submission() with { TrainingDataset = "evaluation" } },
        { "wrong-dataset", Samples.Submission() with { EvaluationDataset = "training" } },
        { "feature-mismatch", Samples.Submission() with { Features = ["income", "age"] } },
        { "feature-mismatch", Samples.Submission() with { Features = [null!] } },
        { "invalid-version", Samples.Submission() with { Features = ["income", "income"] } },
        { "invalid-version", Samples.Submission() with { Features = [] } },
        { "invalid-version", Samples.Submission() with { Description = "" } },
        { "invalid-version", Samples.Submission() with { Threshold = double.NaN } },
        { "invalid-version", Samples.Submission() with { Threshold = 1.01 } },
        { "invalid-version", Samples.Submission() with { FavourablePrediction = 2 } },
    };

    [Theory]
    [MemberData(nameof(BadVersions), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_version_is_refused(string code, SubmitVersion version)
    {
        using var world = await World.WithModelAsync();
        await world.RefuseAsync(version, People.Dana, code);
    }

    [Fact]
    public async Task Versions_are_numbered_by_the_log_and_the_same_file_comes_once()
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(Samples.Submission(), People.Dana, "version-exists");
        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);

        Assert.Equal([1, 2], world.State.Models[Samples.ModelId].Versions.Keys);
    }

    [Fact]
    public async Task Only_its_developers_submit_versions()
    {
        using var world = await World.WithModelAsync();
        await world.RefuseAsync(Samples.Submission(), People.Dev2, "not-a-developer");
    }

    [Fact]
    public async Task The_tier_is_confirmed_by_somebody_independent()
    {
        using var world = new World();
        await world.AcceptAsync(new RegisterModel(Samples.Model() with { Developers = ["victor"] }), People.Dana);
        await world.RefuseAsync(new ConfirmTier(Samples.ModelId, Tier.Three), People.Victor, "not-independent");
        await world.RefuseAsync(new ConfirmTier("nothing", Tier.Three), People.Victor, "model-unknown");
        await world.AcceptAsync(new ConfirmTier(Samples.ModelId, Tier.Three), People.Person("vera", Core.Identity.Role.Validator));

        var model = world.State.Models[Samples.ModelId];
        Assert.Equal((Tier.Three, true), (model.Registration.Tier, model.TierConfirmed));
    }
}
