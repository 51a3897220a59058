using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>Enters a model into the inventory. Developers register; they become one of its developers.</summary>
public sealed record RegisterModel(ModelRegistration Model) : Command
{
    public override string Stream => "model/" + Model.Id;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("register a model", Role.Developer) is { } refusal)
        {
            return refusal;
        }

        var faults = Faults().ToList();
        if (faults.Count > 0)
        {
            return Refusal.Invalid("invalid-model", "The model's registration is incomplete or wrong.") with { Faults = faults };
        }

        if (context.State.Model(Model.Id) is not null)
        {
            return Refusal.Conflict("model-exists", $"There is a model '{Model.Id}' already. Submit a version to it, or choose another id.");
        }

        var developers = Model.Developers.Append(context.Caller.Subject).Distinct(StringComparer.Ordinal).ToList();
        return developers.Contains(Model.Owner, StringComparer.Ordinal)
            ? Refusal.Invalid("owner-is-developer", "The owner accepts the risk and cannot be one of the developers.")
            : Decision.Accept(new ModelRegistered(Model with { Developers = developers }));
    }

    private IEnumerable<string> Faults()
    {
        if (!Identifier.IsValid(Model.Id))
        {
            yield return $"id: must be {Identifier.Rule}.";
        }

        if (!Text.IsLine(Model.Name, 200))
        {
            yield return "name: one line of 1 to 200 characters.";
        }

        if (!Text.IsProse(Model.Use, 2000))
        {
            yield return "use: the purpose and permitted use, 1 to 2000 characters.";
        }

        if (!Text.IsLine(Model.Owner, 120))
        {
            yield return "owner: the subject of the accountable person.";
        }

        if (Model.Vendor is { } vendor && !Text.IsLine(vendor, 200))
        {
            yield return "vendor: one line of 1 to 200 characters.";
        }

        if (Model.Developers.Count > 50 || Model.Developers.Any(d => !Text.IsLine(d, 120)))
        {
            yield return "developers: at most 50 subjects.";
        }

        if (Model.Jurisdictions.Count is 0 or > 50 || Model.Jurisdictions.Any(j => j is not { Length: 2 } || !j.All(char.IsAsciiLetterUpper)))
        {
            yield return "jurisdictions: 1 to 50 codes of two capital letters, such as EU, GB, US.";
        }
    }
}
