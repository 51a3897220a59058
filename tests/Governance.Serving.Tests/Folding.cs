using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Serving.Tests;

/// <summary>A small model's life as events.</summary>
internal static class Folding
{
    public const string Model = "credit";

    /// <summary>Different coefficients make different versions.</summary>
    public static byte[] Onnx(int version) => OnnxWriter.Write(new LogisticModel(["income"], version, [-1]), "small");

    public static Caller Application { get; } = new()
    {
        Subject = "loans-app", Name = "Loans", Kind = CallerKind.Application, Roles = RoleSet.Of(Role.Client), TokenId = "t", ExpiresAt = DateTimeOffset.MaxValue,
    };

    public static ModelRegistered Registered { get; } = new(new ModelRegistration
    {
        Id = Model, Name = "Credit", Use = "Credit", Tier = Tier.One, Owner = "olivia", Developers = ["dana"], Jurisdictions = ["EU"], Automation = Automation.Sole,
    });

    public static VersionSubmitted Submitted(int number, params string[] features) => new(Model, new VersionSubmission
    {
        Number = number, Artifact = Digest.Of(Onnx(number)), Description = "v", Features = features.Length == 0 ? ["income"] : features, TrainingDataset = "a",
        EvaluationDataset = "b", Threshold = 0.5, FavourablePrediction = 0,
    });

    public static VersionPromoted Promoted(int number, int? replaced = null) => new(Model, number, Model, PromotionTarget.Champion, replaced, Digest.Of("d"u8));

    public static CanaryStarted Canary(int number, int percent, string salt = "salt") => new(Model, number, Model, PromotionTarget.Champion, percent, salt, Digest.Of("d"u8));

    /// <summary>Version 1 answers; 2 and 3 are submitted.</summary>
    public static GovernanceState Champion { get; } = Fold(GovernanceState.Empty, Registered, Submitted(1), Submitted(2), Submitted(3), Promoted(1));

    public static GovernanceState Fold(this GovernanceState state, params GovernanceEvent[] events) => events.Aggregate(state, (s, e) => s.Apply(new RecordedEvent
    {
        Position = s.Position, Stream = "model/" + Model, Version = s.Position + 1, Time = DateTimeOffset.UnixEpoch, Actor = "olivia", Event = e,
    }));
}
