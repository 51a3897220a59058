using System.Text.Json.Nodes;
using Governance.Core.Commands;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class DocumentTests
{
    private static AttachDocument Attach(string kind, string title = "Assessment", DateTimeOffset? expires = null, string file = "dpia 1") =>
        new(Samples.ModelId, 1, kind, title, Samples.D(file), expires, []);

    [Fact]
    public async Task Attach_IsReadByGates_AndALaterOneReplacesIt()
    {
        using var world = await World.WithVersionAsync();
        await world.AcceptAsync(Attach("dpia"), People.Olivia);
        await world.AcceptAsync(Attach("dpia", file: "dpia 2", expires: World.Start.AddDays(10)), People.Olivia);
        await world.AcceptAsync(Attach("dpo_advice", file: "advice"), People.Dora);

        var input = Input(world, World.Start.AddDays(9));
        Assert.Equal(Samples.D("dpia 2").ToString(), input["documents"]!["dpia"]!["digest"]!.GetValue<string>());
        Assert.True(input["documents"]!["dpia"]!["current"]!.GetValue<bool>());
        Assert.Equal("dpo", input["documents"]!["dpo_advice"]!["role"]!.GetValue<string>());
        Assert.False(Input(world, World.Start.AddDays(10))["documents"]!["dpia"]!["current"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Attach_Adjustments_AreToldApartByTitle()
    {
        using var world = await World.WithVersionAsync();
        var end = World.Start.AddDays(30);
        await world.AcceptAsync(Attach(DocumentKind.Adjustment, "Rate shock", end), People.Olivia);
        await world.AcceptAsync(Attach(DocumentKind.Adjustment, "Energy prices", end), People.Olivia);
        await world.AcceptAsync(Attach(DocumentKind.Adjustment, "Rate shock", end.AddDays(30)), People.Olivia);
        Assert.Equal(["Energy prices", "Rate shock"], Input(world, World.Start)["adjustments"]!.AsArray().Select(a => a!["title"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Attach_VoidsEarlierSignatures()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor);
        Assert.Single(world.Version.ValidSignOffs(world.State, world.Gate.Policy));
        await world.AcceptAsync(Attach("dpia"), People.Olivia);
        Assert.Empty(world.Version.ValidSignOffs(world.State, world.Gate.Policy));
    }

    [Theory]
    [InlineData("dpo_advice", "Advice", 1.0, "role-required")]
    [InlineData("dpai", "Assessment", 1.0, "unknown-document-kind")]
    [InlineData("dpia", "two\nlines", 1.0, "invalid-document")]
    [InlineData("dpia", "Assessment", 0.0, "invalid-document")]
    [InlineData("adjustment", "Endless", null, "invalid-document")]
    public async Task Attach_Refuses(string kind, string title, double? days, string code)
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(Attach(kind, title, days is { } d ? World.Start.AddDays(d) : null), People.Olivia, code);
    }

    [Fact]
    public async Task Attach_UnknownVersion_IsRefused()
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(Attach("dpia") with { Version = 9 }, People.Olivia, "version-unknown");
        await world.RefuseAsync(Attach("dpia") with { ModelId = "other" }, People.Olivia, "model-unknown");
    }

    private static JsonObject Input(World world, DateTimeOffset now) =>
        GateInput.Build(world.State, world.Version, "promote", PromotionTarget.Champion, People.Olivia, now, world.Gate);
}
