using FsCheck;
using FsCheck.Fluent;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Policy.Gates;

namespace Governance.Policy.Tests.Workflow;

/// <summary>People's acts under the starter pack's own rules: quorum, findings, waivers, time.</summary>
public sealed class WorkflowTests
{
    private static readonly Caller Dana = Office.Person("dana", Role.Developer);
    private static readonly Caller Olivia = Office.Person("olivia", Role.Owner);
    private static readonly Caller Chris = Office.Person("chris", Role.Committee);
    private static readonly Caller Solo = Office.Person("solo", [.. RoleNames.All]);

    private static readonly (Role Role, Caller Signer)[] Signers =
    [
        (Role.Validator, Office.Person("victor", Role.Validator)), (Role.Compliance, Office.Person("carla", Role.Compliance)), (Role.Committee, Chris), (Role.Owner, Olivia),
    ];

    private static readonly PromoteVersion Promote = new(Office.Model, 1, PromotionTarget.Champion);

    [Theory]
    [InlineData(Tier.One, 4)]
    [InlineData(Tier.Two, 2)]
    [InlineData(Tier.Three, 1)]
    public void Quorum_EverySignatureOfTheTierIsNeededAndNoOther(Tier tier, int needed)
    {
        var required = Signers[..needed];
        foreach (var (left, _) in required)
        {
            var office = new Office(Office.People).WithVersion(tier);
            Assert.All(required.Where(s => s.Role != left), s => office.Must(office.SignOff(s.Role), s.Signer));
            var refusal = office.Do(Promote, Olivia);
            Assert.Equal("gate-waiting", refusal!.Code);
            Assert.Equal([left.Name()], refusal.Gate!.WaitingFor);
        }

        var complete = new Office(Office.People).WithVersion(tier);
        Assert.All(required, s => complete.Must(complete.SignOff(s.Role), s.Signer));
        complete.Must(Promote, Olivia);
    }

    [Fact]
    public void Quorum_IsVoidWhenTheEvidenceChanges()
    {
        var office = new Office(Office.People).WithVersion(Tier.Three);
        office.Must(office.SignOff(Role.Validator), Signers[0].Signer);
        office.Must(new StartCheckRun(Office.Model, 1, "again", ["c"], 2), Dana);
        office.Must(Office.Evidence("other", "again"), SystemCaller.Instance);
        Assert.Equal("gate-waiting", office.Do(Promote, Olivia)!.Code);
    }

    /// <summary>One person with every role; whatever they do in whatever order, no version is promoted: not of their own model, and not of one they own.</summary>
    [Theory]
    [InlineData(Tier.One, false)]
    [InlineData(Tier.Three, false)]
    [InlineData(Tier.Three, true)]
    public void OnePerson_PromotesNothing(Tier tier, bool ownsAnother)
    {
        var accepted = 0;
        var signed = 0;
        Prop.ForAll(Gen.Choose(0, 14).ArrayOf().Resize(80).ToArbitrary(), acts =>
        {
            var office = new Office(Office.People).WithData();
            if (ownsAnother)
            {
                office.Must(Office.Registration(tier, "solo"), Dana);
                office.Must(Office.Submission(), Dana);
            }

            foreach (var act in acts)
            {
                office.Now = office.Now.AddMinutes(1);
                accepted += office.Do(Act(office, tier, act), act == 3 ? SystemCaller.Instance : Solo) is null ? 1 : 0;
            }

            signed += office.State.Version(Office.Model, 1)?.SignOffs.Count(s => s.Role != "owner") ?? 0;
            Assert.Empty(office.State.Routes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
        Assert.True(accepted > 300, $"The acts must do something; {accepted} were accepted.");
        Assert.Equal(0, signed);
    }

    private static Command Act(Office office, Tier tier, int act) => act switch
    {
        0 => Office.Registration(tier, "solo"),
        14 => Office.Registration(tier, "olivia"),
        1 => Office.Submission(),
        2 => new StartCheckRun(Office.Model, 1, "run", ["c"], 1),
        3 => Office.Evidence("r"),
        4 => new ConfirmTier(Office.Model, tier),
        >= 5 and <= 8 => office.SignOff(Signers[act - 5].Role),
        9 => new RequestWaiver(Office.Model, 1, "findings-high", PromotionTarget.Champion, "r", "r", "c", "e", office.Now.AddDays(9)),
        10 => new ApproveWaiver(Office.Model + ".w1", Role.Owner, "Yes."),
        11 => new ApproveWaiver(Office.Model + ".w1", Role.Committee, "Yes."),
        12 => new RaiseFinding(Office.Model, 1, "Wrong", "Very.", FindingSeverity.High, "dana", office.Now.AddDays(9)),
        _ => Promote,
    };

    [Theory]
    [InlineData(FindingSeverity.Critical, false)]
    [InlineData(FindingSeverity.High, true)]
    public void Finding_BlocksUntilItsClosureIsVerified(FindingSeverity severity, bool waivable)
    {
        var office = Signed(Tier.Two);
        office.Must(new RaiseFinding(Office.Model, 1, "Wrong", "Very.", severity, "dana", office.Now.AddDays(9)), Signers[0].Signer);
        var rule = Assert.Single(office.Do(Promote, Olivia)!.Gate!.Rules, r => r.Blocks);
        Assert.Equal((waivable, RuleStatus.Violation), (rule.Waivable, rule.Status));
        office.Must(new AnswerFinding(Office.Model + ".f1", "Mended."), Dana);
        Assert.Equal("gate-denied", office.Do(Promote, Olivia)!.Code);
        office.Must(new CloseFinding(Office.Model + ".f1", Role.Compliance, "Seen."), Signers[1].Signer);
        office.Must(Promote, Olivia);
    }

    [Fact]
    public void Waiver_IsNamedInTheDecisionEndsInTimeAndReplays()
    {
        var office = Signed(Tier.Two);
        office.Must(new RaiseFinding(Office.Model, 1, "Wrong", "Very.", FindingSeverity.High, "dana", office.Now.AddDays(9)), Signers[0].Signer);
        var ends = office.Now.AddDays(30);
        office.Must(new RequestWaiver(Office.Model, 1, "findings-high", PromotionTarget.Champion, "r", "r", "c", "e", ends), Dana);
        Assert.Equal("not-waivable", office.Do(
            new RequestWaiver(Office.Model, 1, "findings-closed", PromotionTarget.Champion, "r", "r", "c", "e", ends), Dana)!.Code);
        office.Must(new ApproveWaiver(Office.Model + ".w1", Role.Owner, "Yes."), Olivia);
        Assert.Equal(GateStatus.Denied, office.Evaluate(office.Now).Status);
        office.Must(new ApproveWaiver(Office.Model + ".w1", Role.Validator, "Yes."), Signers[0].Signer);

        var waived = office.Evaluate(ends.AddSeconds(-1));
        var rule = waived.Rules.Single(r => r.Rule == "findings-high");
        Assert.Equal((GateStatus.Allowed, RuleStatus.Waived, "loans.w1"), (waived.Status, rule.Status, rule.Waiver));
        Assert.Contains("(loans.w1)", rule.Message, StringComparison.Ordinal);
        Assert.Equal(GovernanceJson.Serialize(waived), GovernanceJson.Serialize(office.Evaluate(ends.AddSeconds(-1))));

        var after = office.Evaluate(ends);
        Assert.Equal(GateStatus.Denied, after.Status);
        Assert.Equal(["findings-high", "waivers-current"], after.Rules.Where(r => r.Blocks).Select(r => r.Rule).Order(StringComparer.Ordinal));
    }

    /// <summary>Whenever a rule counts as waived, a waiver of two lines was in force at that instant.</summary>
    [Fact]
    public void Waiver_NeverCountsAfterItsEndOrWithOneLine() =>
        Prop.ForAll(Gen.Choose(-40, 40).ArrayOf(6).ToArbitrary(), offsets =>
        {
            var office = Signed(Tier.Three);
            foreach (var number in new[] { 1, 2 })
            {
                office.Must(new RaiseFinding(Office.Model, 1, "Wrong", "Very.", FindingSeverity.High, "dana", office.Now.AddDays(9)), Signers[0].Signer);
            }

            var ends = office.Now.AddDays(20);
            office.Must(new RequestWaiver(Office.Model, 1, "findings-high", PromotionTarget.Champion, "r", "r", "c", "e", ends), Dana);
            var approved = offsets[0] > 0;
            office.Must(new ApproveWaiver(Office.Model + ".w1", Role.Owner, "Yes."), Olivia);
            if (approved)
            {
                office.Must(new ApproveWaiver(Office.Model + ".w1", Role.Committee, "Yes."), Chris);
            }

            foreach (var offset in offsets)
            {
                var at = ends.AddHours(offset);
                var outcome = office.Evaluate(at).Rules.Single(r => r.Rule == "findings-high");
                Assert.Equal(approved && at < ends ? RuleStatus.Waived : RuleStatus.Violation, outcome.Status);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Emergency_CountsAtOnceAndNoLongerUnreviewed()
    {
        var office = Signed(Tier.Two);
        office.Must(new RaiseFinding(Office.Model, 1, "Wrong", "Very.", FindingSeverity.High, "dana", office.Now.AddDays(9)), Signers[0].Signer);
        office.Must(new RequestWaiver(Office.Model, 1, "findings-high", PromotionTarget.Champion, "r", "r", "c", "e", office.Now.AddDays(20), Emergency: true), Dana);
        office.Must(new ApproveWaiver(Office.Model + ".w1", Role.Owner, "Yes."), Olivia);
        office.Must(new ApproveWaiver(Office.Model + ".w1", Role.Validator, "Yes."), Signers[0].Signer);

        Assert.Equal(GateStatus.Allowed, office.Evaluate(office.Now.AddDays(6)).Status);
        Assert.Equal(GateStatus.Denied, office.Evaluate(office.Now.AddDays(7)).Status);
        office.Must(new ReviewWaiver(Office.Model + ".w1", true, "Right."), Chris);
        Assert.Equal(GateStatus.Allowed, office.Evaluate(office.Now.AddDays(7)).Status);
    }

    [Fact]
    public void Parameters_SayHowLongHowHighAndWhatSuspends()
    {
        var rules = Office.WithParameters("""
                - {name: signature_max_age_minutes, type: integer, value: 5, description: d, basis: b}
                - {name: waiver_max_days, type: integer, tiers: [10, 20, 30], description: d, basis: b}
                - {name: waiver_level, type: integer, value: 9, description: d, basis: b}
                - {name: waiver_lapse_suspends, type: boolean, tiers: [true, false, false], description: d, basis: b}
                - {name: finding_second_person_from, type: text, value: medium, description: d, basis: b}
            """);
        var one = rules.Workflow(Tier.One);
        Assert.Equal(
            (TimeSpan.FromMinutes(5), 10, 2, true, FindingSeverity.Medium), (one.SignatureMaxAge, one.WaiverDays, one.WaiverLevel, one.LapseSuspends, one.SecondPersonFrom));
        Assert.Equal((30, false), (rules.Workflow(Tier.Three).WaiverDays, rules.Workflow(Tier.Three).LapseSuspends));
        Assert.Equal(WorkflowRules.House(Tier.Two), Office.People.Workflow(Tier.Two));
    }

    private static Office Signed(Tier tier)
    {
        var office = new Office(Office.People).WithVersion(tier);
        Assert.All(Signers[..2], s => office.Must(office.SignOff(s.Role), s.Signer));
        return office;
    }
}
