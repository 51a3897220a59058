using Governance.Cli.Rendering;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Cli.Demo.Steps;

/// <summary>Nobody signs their own work; independent people do; promotion moves the route.</summary>
internal sealed class SignOffStep : ITourStep
{
    private const int MostSignatures = 6;

    public string Title => "Sign-off by others, and promotion";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        var number = tour.Facts.GoodVersion!.Value;
        var version = await tour.As(Personas.Developer).GetVersionAsync(tour.ModelId, number, null, cancellationToken);
        var refused = await TourContext.RefusedAsync("the developer signs her own version", 403, ["self-sign-off", "role-required"],
            () => tour.As(Personas.Developer).SignOffAsync(
                tour.ModelId, number, new SignOffRequest("validator", SignOffMeaning.Approved, "It is mine and it is fine.", version.Binding), tour.Key("self-sign-off"), cancellationToken));
        tour.Say($"Dana tries to sign off her own version {number}. Refused ({refused.Code}): {refused.Detail}");

        // First line: the owner attests; then whoever the gate waits for. A repeated attestation under its key is the same one.
        await SignAsync(tour, number, "owner", cancellationToken);
        var signatures = 1;
        var promotion = await PromoteAsync(tour, number, signatures, cancellationToken);
        while (promotion is null)
        {
            var decision = await tour.As(Personas.Owner).PreviewGateAsync(tour.ModelId, number, PromotionTarget.Champion, cancellationToken);
            TourContext.Require(decision.Status != GateStatus.Denied && signatures < MostSignatures, "the gate waits for signatures only");
            foreach (var role in decision.WaitingFor.Take(1))
            {
                await SignAsync(tour, number, role, cancellationToken);
                signatures++;
            }

            promotion = await PromoteAsync(tour, number, signatures, cancellationToken);
        }

        TourContext.Require(signatures > 1, "a version is not promoted without the signature of somebody else");
        var route = await tour.As(Personas.Application).GetRouteAsync(promotion.Route, cancellationToken);
        TourContext.Require(route.Versions.Contains(FormattableString.Invariant($"{number}")), "the route answers with the promoted version");
        tour.Say($"Olivia promotes version {number}: the route '{promotion.Route}' answers with it (ledger entry {promotion.LedgerIndex}).");
        tour.Prove($"The developer could not sign; {signatures} other people of two lines of defence did, each in a role of their own; only then did promotion move the route.");
    }

    private static async Task SignAsync(TourContext tour, int number, string role, CancellationToken cancellationToken)
    {
        var persona = Personas.InRole(role) ?? throw new TourException($"Expected: the gate waits for a role that signs, not '{role}'.");
        var client = tour.As(persona);
        var shown = await client.GetVersionAsync(tour.ModelId, number, null, cancellationToken);
        var request = role == "owner"
            ? new SignOffRequest(role, SignOffMeaning.Attested, "Purpose and residual risk are mine to carry.", shown.Binding)
            : new SignOffRequest(role, SignOffMeaning.Approved, "I looked at the evidence and the gate's rules; within limits.", shown.Binding);
        var signed = await client.SignOffAsync(tour.ModelId, number, request, tour.Key("sign-" + role), cancellationToken);
        var signature = signed.SignOffs.Last(s => s.Role == role);
        tour.Say($"{signature.PersonName}, {role} (line {signature.Line}), {Draw.Word(signature.Meaning)} at {Draw.Time(signature.Time)}: \"{signature.Comment}\"");
    }

    /// <summary>The promotion, or null while the gate waits for somebody.</summary>
    private static async Task<PromotionDetails?> PromoteAsync(TourContext tour, int number, int signatures, CancellationToken cancellationToken)
    {
        try
        {
            return await tour.As(Personas.Owner).PromoteAsync(
                tour.ModelId, number, PromotionTarget.Champion, tour.Key(FormattableString.Invariant($"promote-after-{signatures}")), cancellationToken);
        }
        catch (GovernanceException e) when (e.Code == "gate-waiting")
        {
            tour.Say($"Olivia asks to promote; the gate waits for: {string.Join(", ", e.Problem.Gate?.WaitingFor ?? [])}.");
            return null;
        }
        catch (GovernanceException e) when (e.Code == "already-promoted")
        {
            // Promoted before the tour was interrupted: the same key gives the same answer only for the same number of signatures.
            var route = await tour.As(Personas.Owner).GetModelAsync(tour.ModelId, null, cancellationToken);
            TourContext.Require(route.Champion == number, "the promoted version is the champion");
            return null;
        }
    }
}
