using Governance.Core.Identity;

namespace Governance.Gateway.Identity.Development;

/// <summary>Somebody to be while developing: one for each duty. Immutable.</summary>
/// <param name="Id">Also the subject of the persona's tokens.</param>
/// <param name="Does">What one would sign in as this persona for.</param>
public sealed record Persona(string Id, string Name, Role Role, CallerKind Kind, string Does)
{
    public static IReadOnlyList<Persona> All { get; } =
    [
        new("dana", "Dana Okafor", Role.Developer, CallerKind.Person, "Registers models and data, submits versions, runs checks"),
        new("olivia", "Olivia Brandt", Role.Owner, CallerKind.Person, "Owns the model in the business, attests its purpose, promotes"),
        new("victor", "Victor Lindqvist", Role.Validator, CallerKind.Person, "Challenges independently, runs checks, signs off or rejects"),
        new("chris", "Chris Adeyemi", Role.Committee, CallerKind.Person, "Sits on the model-risk committee"),
        new("carla", "Carla Moretti", Role.Compliance, CallerKind.Person, "Signs off fairness and adverse action, approves erasures"),
        new("dora", "Dora Novak", Role.Dpo, CallerKind.Person, "Advises on data protection, places holds"),
        new("audrey", "Audrey Chen", Role.Auditor, CallerKind.Person, "Reads everything, verifies the ledger, writes nothing"),
        new("loans-app", "Loan application service", Role.Client, CallerKind.Application, "Asks the inference endpoint for decisions"),
        new("adam", "Adam Keller", Role.Administrator, CallerKind.Person, "Keeps users, keys and backups; signs nothing"),
        new("rosa", "Rosa Haddad", Role.Reviewer, CallerKind.Person, "Reviews single decisions by hand, confirms or overrides them"),
    ];

    public static Persona? Find(string? id) => All.FirstOrDefault(p => p.Id == id);
}
