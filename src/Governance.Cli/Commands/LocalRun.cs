using System.Globalization;
using Governance.Checks;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Data.Cases;
using Governance.Jobs;
using Governance.Models.Onnx;

namespace Governance.Cli.Commands;

/// <summary>What a run without a gateway found. Immutable.</summary>
/// <param name="NotApplicable">Checks that cannot run on this input, and why.</param>
internal sealed record LocalOutcome(
    string Case, string Model, Digest Artifact, double Threshold, long Seed, IReadOnlyList<CheckResult> Results, IReadOnlyList<LocalOutcome.Skipped> NotApplicable)
{
    public sealed record Skipped(string Check, string Reason);
}

/// <summary>Runs checks on a model of a case in this process. Immutable.</summary>
internal sealed record LocalRun(string Folder, string? Model, double? Threshold, long Seed, int Shards)
{
    public async Task<LocalOutcome> RunAsync(IReadOnlyList<ICheck> checks, Output output, CancellationToken cancellationToken)
    {
        if (Threshold is { } given && given is not (>= 0 and <= 1))
        {
            throw CliException.Usage("--threshold is a number from 0 to 1.");
        }

        if (Shards is < 1 or > 1024)
        {
            throw CliException.Usage("--shards is 1 to 1024.");
        }

        var material = await LoadAsync(cancellationToken);
        var model = Choose(material);
        var scan = await OnnxScanner.ScanFileAsync(model.Path, OnnxLimits.Default, cancellationToken);
        if (scan.Model is not { } scanned)
        {
            throw CliException.Invalid($"{model.Path} is refused: {scan.Findings[0].Message}");
        }

        using var scorer = Open(scanned, material, model);
        var input = new CheckInput
        {
            Evaluation = material.ReferenceScores.ContainsKey(model.Name) ? material.TestWithReference(model.Name) : material.Test,
            Training = material.Train,
            Model = scorer,
            Threshold = Threshold ?? material.Threshold,
            FavourablePrediction = material.FavourablePrediction,
            ReferenceGroups = material.ReferenceGroups,
            Seed = Seed,
        };
        var (results, skipped) = await RunAsync(checks, input, output, cancellationToken);
        return new LocalOutcome(material.Name, model.Name, scanned.Digest, input.Threshold, Seed, results, skipped);
    }

    private async Task<(List<CheckResult> Results, List<LocalOutcome.Skipped> Skipped)> RunAsync(
        IReadOnlyList<ICheck> checks, CheckInput input, Output output, CancellationToken cancellationToken)
    {
        var engine = new LocalEngine();
        var (results, skipped) = (new List<CheckResult>(), new List<LocalOutcome.Skipped>());
        foreach (var (number, check) in checks.Index())
        {
            var id = check.Descriptor.Id;
            try
            {
                results.Add(await engine.RunAsync(check, input, Shards, progress: null, cancellationToken));
                output.Note(string.Create(CultureInfo.InvariantCulture, $"  [{number + 1}/{checks.Count}] {id}"));
            }
            catch (CheckNotApplicableException e)
            {
                skipped.Add(new LocalOutcome.Skipped(id, e.Reason));
                output.Note(string.Create(CultureInfo.InvariantCulture, $"  [{number + 1}/{checks.Count}] {id}: not applicable"));
            }
        }

        return (results, skipped);
    }

    private async Task<ReferenceCase> LoadAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Folder))
        {
            throw CliException.NotFound($"There is no folder {Folder}.");
        }

        try
        {
            return await ReferenceCase.LoadAsync(Folder, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw CliException.Invalid(e.Message);
        }
    }

    private ReferenceModel Choose(ReferenceCase material) => Model is null
        ? material.Models[0]
        : material.Models.FirstOrDefault(m => m.Name == Model)
            ?? throw CliException.NotFound($"The case has no model '{Model}'.", $"It has: {string.Join(", ", material.Models.Select(m => m.Name))}");

    private static OnnxScorer Open(ScannedModel scanned, ReferenceCase material, ReferenceModel model)
    {
        try
        {
            return new OnnxScorer(scanned, material.Features);
        }
        catch (Models.ModelRefusedException e)
        {
            throw CliException.Invalid($"{Path.GetFileName(model.Path)}: {e.Message}");
        }
    }
}
