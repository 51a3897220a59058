using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov model</c>: the inventory.</summary>
internal static class ModelCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("model", "The inventory of models",
        Register(factory), List(factory), Show(factory), ConfirmTier(factory), AddDeveloper(factory));

    private static Command Register(CommandFactory factory)
    {
        var id = new Argument<string>("id") { Description = $"Model id, also its route: {Identifier.Rule}" };
        var name = Values.Required<string>("--name", "Name for people");
        var use = Values.Required<string>("--use", "Purpose and permitted use");
        var tier = Values.Tier();
        var owner = Values.Required<string>("--owner", "Accountable business owner: subject of their token");
        var developers = Values.Many("--developer", "Who else builds it: subject of their token");
        var jurisdictions = Values.Many("--jurisdiction", "Where it is used: EU, GB, US");
        var automation = Values.Choice<Automation>("--automation", "How much of the decision it takes", Automation.Assisted);
        var domain = Values.Optional<ModelDomain?>("--domain", "What it decides about: consumerCredit, businessCredit, fraud, antiMoneyLaundering, capital, marketing, other");
        var vendor = Values.Optional<string?>("--vendor", "Third party that supplies it");
        return factory.Leaf("register", "Enter a model into the inventory",
            ["gov model register home-loans --name \"Home loans PD\" --use \"Probability of default at application\" --tier 1 --owner olivia --jurisdiction EU --as dana"],
            [id, name, use, tier, owner, developers, jurisdictions, automation, domain, vendor],
            async (run, cancellationToken) =>
            {
                var model = new ModelRegistration
                {
                    Id = run.Get(id),
                    Name = run.Get(name),
                    Use = run.Get(use),
                    Tier = (Tier)run.Get(tier),
                    Owner = run.Get(owner),
                    Developers = run.Get(developers),
                    Jurisdictions = run.Get(jurisdictions),
                    Automation = run.Get(automation),
                    Domain = run.Get(domain),
                    Vendor = run.Get(vendor),
                };
                run.Output.Result(await run.Client.RegisterModelAsync(model, run.IdempotencyKey, cancellationToken), InventoryViews.Model);
                return ExitCodes.Ok;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var size = Values.PageSize();
        var token = Values.PageToken();
        var asOf = Values.AsOf();
        return factory.Leaf("list", "List models", ["gov model list", "gov model list --as-of 2026-03-31 --json"], [size, token, asOf],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.ListModelsAsync(new PageRequest(run.Get(size), run.Get(token)), run.Get(asOf), cancellationToken), InventoryViews.Models);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var id = Values.Model();
        var asOf = Values.AsOf();
        return factory.Leaf("show", "Show a model and its versions", ["gov model show home-loans"], [id, asOf],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.GetModelAsync(run.Get(id), run.Get(asOf), cancellationToken), InventoryViews.Model);
                return ExitCodes.Ok;
            });
    }

    private static Command ConfirmTier(CommandFactory factory)
    {
        var id = Values.Model();
        var tier = Values.Tier();
        return factory.Leaf("confirm-tier", "Confirm or correct a model's tier (validator)", ["gov model confirm-tier home-loans --tier 1 --as victor"], [id, tier],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.ConfirmTierAsync(run.Get(id), (Tier)run.Get(tier), run.IdempotencyKey, cancellationToken), InventoryViews.Model);
                return ExitCodes.Ok;
            });
    }

    private static Command AddDeveloper(CommandFactory factory)
    {
        var id = Values.Model();
        var person = new Argument<string>("person") { Description = "Subject of their token" };
        return factory.Leaf("add-developer", "Name a further developer, who cannot sign the model off from then on (developer, owner)",
            ["gov model add-developer home-loans devi --as dana"], [id, person],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.AddDeveloperAsync(run.Get(id), run.Get(person), run.IdempotencyKey, cancellationToken), InventoryViews.Model);
                return ExitCodes.Ok;
            });
    }
}
