using Governance.Cli.Demo.Lenders;
using Governance.Core;
using Governance.Core.Inventory;

namespace Governance.Cli.Demo.Steps;

/// <summary>Register the model, its tier, its data, and submit a first version.</summary>
internal sealed class RegisterStep : ITourStep
{
    public string Title => "Register a model, its data and a first version";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var model = await tour.As(Personas.Developer).RegisterModelAsync(
            new ModelRegistration
            {
                Id = tour.ModelId,
                Name = tour.Lender.Title,
                Use = tour.Lender.Use,
                Tier = Tier.One,
                Owner = Personas.Owner,
                Developers = [],
                Jurisdictions = ["EU", "GB"],
                Automation = Automation.Assisted,
            },
            tour.Key("register"), cancellationToken);
        if (tour.Lender.Story is { } story)
        {
            tour.Say($"{story}");
        }

        tour.Say($"Dana, a developer, registers '{model.Registration.Id}' for use in EU and GB, proposed tier 1; Olivia owns it.");
        await tour.As(Personas.Validator).ConfirmTierAsync(tour.ModelId, Tier.One, tour.Key("tier-1"), cancellationToken);
        tour.Say($"Victor, an independent validator, confirms tier 1.");

        var (first, _) = await CandidatePlan.MakeAsync(tour.Lender, cancellationToken);
        var training = (await Submissions.AddTrainingAsync(tour, first.Model, cancellationToken)).Registration;
        tour.Say($"Training data: {training.Rows} rows, {training.Features.Count} features; protected attributes {string.Join(", ", training.Protected.Keys)} are kept apart from the inputs; subject id '{training.SubjectId}', legal basis {training.LegalBasis}, kept {training.RetentionMonths} months.");
        var evaluation = (await Submissions.AddEvaluationAsync(tour, first.Model, cancellationToken)).Registration;
        tour.Say($"Evaluation data: {evaluation.Rows} rows, {evaluation.Digest.Abbreviated}.");

        if (tour.Lender.Models.FirstOrDefault(m => m.ReadsProtected(tour.Lender)) is { } prohibited && prohibited.Training.Table == first.Model.Training.Table)
        {
            await Submissions.AddEvaluationAsync(tour, prohibited, cancellationToken);
            var refused = await TourContext.RefusedAsync("a model that reads protected attributes is submitted", 409, ["gate-denied"],
                () => Submissions.SubmitAsync(tour, new Candidate(prohibited, first.Threshold, 0, "none", 0), $"The lender's own model: {prohibited.Name}", cancellationToken));
            tour.Say($"Dana submits the lender's own model {prohibited.Name}. Refused at submission: {refused.Detail}");
        }

        var version = await Submissions.SubmitAsync(tour, first, $"First version: {first.Model.Name}, cut-off {first.Threshold}", cancellationToken);
        await using var file = File.OpenRead(first.Model.Path);
        var digest = await Digest.OfAsync(file, cancellationToken);
        TourContext.Require(version.Submission.Artifact == digest, "the gateway names the submitted file by its own SHA-256");
        tour.Say($"Version {version.Submission.Number} is {first.Model.Name} with cut-off {first.Threshold}: {digest.Abbreviated}, scanned before anything loaded it.");
        tour.Remember(facts => facts with { BiasedVersion = version.Submission.Number });
        tour.Prove($"Model, data and version are entries of the ledger, each file named by its SHA-256.");
    }
}
