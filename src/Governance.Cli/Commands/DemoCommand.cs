using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Governance.Cli.Demo;
using Governance.Cli.Demo.Lenders;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;

namespace Governance.Cli.Commands;

/// <summary><c>gov demo</c>: the whole path through the product on a gateway in Development.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandFactory factory)
    {
        var material = new Option<string?>("--case") { Description = "Folder of real data and models [default: a synthetic lender made now]", HelpName = "dir" };
        var data = new Option<string?>("--data") { Description = "The gateway's data folder, when it is on this machine: its log is copied and verified offline", HelpName = "dir" };
        var folder = new Option<string>("--out") { Description = "Where documents, receipt and log copies go", HelpName = "dir", DefaultValueFactory = _ => "demo-output" };
        var id = new Option<string?>("--run-id") { Description = "Name of this run; one that was begun before goes on", HelpName = "id" };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run that was interrupted last" };
        return factory.Leaf("demo", "The tour: register, check, refuse, correct, sign off, promote, call, prove, forget, report",
            ["gov demo", "gov demo --case ../shared/cases/german_credit --data .data", "gov demo --resume"],
            [material, data, folder, id, resume],
            (run, cancellationToken) => RunAsync(
                run, new Settings(run.Get(material), run.Get(data), run.Get(folder), run.Get(id), run.Get(resume)), cancellationToken));
    }

    private sealed record Settings(string? Case, string? Data, string Out, string? RunId, bool Resume);

    private static async Task<int> RunAsync(Invocation run, Settings settings, CancellationToken cancellationToken)
    {
        var started = run.Terminal.Time.GetTimestamp();
        var facts = await FactsAsync(run, settings, cancellationToken);
        var folder = new TourFolder(Path.Combine(settings.Out, facts.RunId));
        await folder.SaveAsync(facts, cancellationToken);
        var lender = facts.Case is { } material
            ? await CaseLender.LoadAsync(material, folder.File("models"), cancellationToken)
            : await SyntheticLenderSource.MakeAsync(folder.File("models"), cancellationToken);
        run.Output.Narrate($"The tour of {lender.Title} on {run.Client.Address}, run {facts.RunId}.");
        try
        {
            var context = new TourContext(run.Session, run.Output, folder, lender, settings.Data, facts);
            facts = await new Tour(context, run.Output, run.Terminal.Time).RunAsync(cancellationToken);
        }
        catch (TourException e)
        {
            throw new CliException(ExitCodes.VerificationFailed, e.Message, $"What was done until then stands. Look at it, then: gov demo --run-id {facts.RunId}");
        }
        catch (GovernanceException e) when (ExitCodes.Of(e) == ExitCodes.Unavailable)
        {
            throw new CliException(ExitCodes.Unavailable, e.Message, $"When the gateway is back, go on with: gov demo --run-id {facts.RunId}", e);
        }

        Conclude(run, facts, folder, run.Terminal.Time.GetElapsedTime(started));
        return ExitCodes.Ok;
    }

    /// <summary>The facts to start from: those of a run that was begun, or of a new one.</summary>
    private static async Task<TourFacts> FactsAsync(Invocation run, Settings settings, CancellationToken cancellationToken)
    {
        if (settings.Resume)
        {
            return await TourFolder.FindUnfinishedAsync(settings.Out, Tour.Steps.Count, cancellationToken)
                ?? throw CliException.NotFound($"There is no unfinished run in {settings.Out}.", "Start one: gov demo");
        }

        var id = settings.RunId ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        if (id.Length is 0 or > 20 || !id.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c)))
        {
            throw CliException.Usage("--run-id is 1 to 20 lower-case letters and digits.");
        }

        return await new TourFolder(Path.Combine(settings.Out, id)).LoadAsync(cancellationToken)
            ?? new TourFacts
            {
                RunId = id,
                Gateway = run.Client.Address.AbsoluteUri,
                Case = settings.Case is { } material ? Path.GetFullPath(material) : null,
            };
    }

    private static void Conclude(Invocation run, TourFacts facts, TourFolder folder, TimeSpan elapsed)
    {
        var report = new TourReport(
            facts.RunId, facts.Gateway, facts.Case, Math.Round(elapsed.TotalSeconds, 3), facts.Steps, [.. facts.Steps.SelectMany(s => s.Proved)], facts.Artefacts, folder.Path);
        run.Output.Result(report, static (console, r) =>
        {
            Draw.Line(console, "");
            Draw.Title(console, "What was shown");
            foreach (var sentence in r.Proved)
            {
                Draw.Line(console, "  - " + sentence);
            }

            Draw.Rows(console, ["artefact", "file", "bytes"], r.Artefacts.Select(a => (IReadOnlyList<string>)[a.What, Path.GetRelativePath(".", a.File), Draw.Number(a.Bytes)]));
            Draw.Line(console, string.Create(CultureInfo.InvariantCulture, $"{r.Steps.Count} steps in {r.Steps.Sum(s => s.Seconds):0.0} s; this run {r.Seconds:0.0} s."));
        });
    }

    private sealed record TourReport(
        string RunId, string Gateway, string? Case, double Seconds, IReadOnlyList<StepRecord> Steps, IReadOnlyList<string> Proved, IReadOnlyList<Artefact> Artefacts,
        string Folder);
}
