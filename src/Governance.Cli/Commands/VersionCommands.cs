using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov version</c>: a version from submission to service.</summary>
internal static class VersionCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("version", "Versions of a model: submit, gate, sign off, promote",
        Submit(factory), Show(factory), Attach(factory), Gate(factory), SignOff(factory), Promote(factory), Suspend(factory));

    private static Command Submit(CommandFactory factory)
    {
        var model = Values.Model();
        var file = new Argument<string>("file") { Description = "ONNX file" };
        var description = Values.Required<string>("--description", "What changed");
        var training = Values.Required<string>("--training", "Dataset it was trained on");
        var evaluation = Values.Required<string>("--evaluation", "Dataset it is checked on");
        var threshold = Values.Required<double>("--threshold", "Score at or above which label 1 is predicted, 0 to 1");
        var favourable = Values.Required<int>("--favourable", "Predicted label that is good for the person, 0 or 1");
        var reference = Values.Optional<string?>("--reference-score", "Column with the training library's scores, for conversion parity");
        var features = Values.Many("--feature", "Input of the model, in order [default: the data's feature columns]");
        return factory.Leaf("submit", "Submit an ONNX file as the next version",
            ["gov version submit home-loans model.onnx --description \"First version\" --training loans-train --evaluation loans-test --threshold 0.35 --favourable 0 --as dana"],
            [model, file, description, training, evaluation, threshold, favourable, reference, features],
            async (run, cancellationToken) =>
            {
                var request = new SubmitVersionRequest
                {
                    Description = run.Get(description),
                    Features = run.Get(features),
                    TrainingDataset = run.Get(training),
                    EvaluationDataset = run.Get(evaluation),
                    Threshold = run.Get(threshold),
                    FavourablePrediction = run.Get(favourable),
                    ReferenceScore = run.Get(reference),
                };
                run.Output.Result(
                    await run.Client.SubmitVersionAsync(run.Get(model), request, InputFiles.Existing(run.Get(file)), run.IdempotencyKey, cancellationToken),
                    InventoryViews.Version);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var asOf = Values.AsOf();
        return factory.Leaf("show", "Show a version: evidence, signatures, binding", ["gov version show home-loans 2"], [model, version, asOf],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.GetVersionAsync(run.Get(model), run.Get(version), run.Get(asOf), cancellationToken), InventoryViews.Version);
                return ExitCodes.Ok;
            });
    }

    private static Command Attach(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var kind = new Argument<string>("kind") { Description = "What it attests: " + string.Join(", ", DocumentKind.All.Select(k => k.Name)) };
        kind.AcceptOnlyFromAmong([.. DocumentKind.All.Select(k => k.Name)]);
        var file = new Argument<string>("file") { Description = "The document" };
        var title = Values.Optional<string?>("--title", "Title [default: the file's name]");
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "From then on it no longer counts: 2027-12-31 or 2027-12-31T12:00:00Z", HelpName = "time" };
        return factory.Leaf("attach", "Attach a document that rules ask for: an assessment, a plan, a catalogue",
            ["gov version attach home-loans 2 dpia dpia.pdf --expires 2027-11-20 --as olivia", "gov version attach home-loans 2 reason_catalogue reasons.json --as dana"],
            [model, version, kind, file, title, expires],
            async (run, cancellationToken) =>
            {
                var path = InputFiles.Existing(run.Get(file));
                var request = new AttachDocumentRequest(run.Get(kind), run.Get(title) ?? Path.GetFileName(path), run.Get(expires));
                run.Output.Result(
                    await run.Client.AttachDocumentAsync(run.Get(model), run.Get(version), request, path, run.IdempotencyKey, cancellationToken), InventoryViews.Version);
                return ExitCodes.Ok;
            });
    }

    private static Command Gate(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        return factory.Leaf("gate", "What the gate would say to a promotion now (nothing is recorded)",
            ["gov version gate home-loans 2", "gov version gate home-loans 2 --json || echo blocked"], [model, version],
            async (run, cancellationToken) =>
            {
                var decision = await run.Client.PreviewGateAsync(run.Get(model), run.Get(version), PromotionTarget.Champion, cancellationToken);
                run.Output.Result(decision, GateView.Show);
                return decision.Status == GateStatus.Allowed ? ExitCodes.Ok : ExitCodes.Gate;
            });
    }

    private static Command SignOff(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var role = Values.Word("--role", "Role to sign in", "validator", "compliance", "committee", "owner");
        var meaning = Values.Choice<SignOffMeaning>("--meaning", "What the signature means");
        var comment = Values.Required<string>("--comment", "What you looked at and concluded");
        var binding = Values.Required<string>("--binding", "The binding digest shown with the version: what exactly you sign");
        return factory.Leaf("sign-off", "Sign a version off, attest it, or reject it",
            ["gov version sign-off home-loans 2 --role validator --meaning approved --comment \"Reviewed; within limits\" --binding sha256:... --as victor"],
            [model, version, role, meaning, comment, binding],
            async (run, cancellationToken) =>
            {
                if (!Digest.TryParse(run.Get(binding), out var shown))
                {
                    throw CliException.Usage("--binding is 'sha256:' and 64 hexadecimal digits.", "gov version show MODEL VERSION prints it.");
                }

                var request = new SignOffRequest(run.Get(role), run.Get(meaning), run.Get(comment), shown);
                run.Output.Result(
                    await run.Client.SignOffAsync(run.Get(model), run.Get(version), request, run.IdempotencyKey, cancellationToken), InventoryViews.Version);
                return ExitCodes.Ok;
            });
    }

    private static Command Promote(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        return factory.Leaf("promote", "Move the model's route to a version, if the gate allows it (owner)", ["gov version promote home-loans 2 --as olivia"], [model, version],
            async (run, cancellationToken) =>
            {
                var promotion = await run.Client.PromoteAsync(
                    run.Get(model), run.Get(version), PromotionTarget.Champion, run.IdempotencyKey, cancellationToken);
                run.Output.Result(promotion, static (console, p) =>
                {
                    Draw.Line(console, $"Route {p.Route} answers with version {Draw.Number(p.Version)}{(p.Replaced is { } old ? $" instead of {Draw.Number(old)}" : "")} (ledger entry {Draw.Number(p.LedgerIndex)}).");
                    GateView.Show(console, p.Decision);
                });
                return ExitCodes.Ok;
            });
    }

    private static Command Suspend(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var reason = Values.Required<string>("--reason", "Why");
        return factory.Leaf("suspend", "Take a serving version out of service at once",
            ["gov version suspend home-loans 2 --reason \"Adverse impact on live traffic\" --as carla"], [model, version, reason],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.SuspendAsync(run.Get(model), run.Get(version), run.Get(reason), run.IdempotencyKey, cancellationToken), InventoryViews.Version);
                return ExitCodes.Ok;
            });
    }
}
