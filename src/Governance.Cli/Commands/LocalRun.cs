using System.Globalization;
using Governance.Checks;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Jobs;
using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Cli.Commands;

/// <summary>What a run without a gateway found. Immutable.</summary>
/// <param name="NotApplicable">Checks that cannot run on this input, and why.</param>
internal sealed record LocalOutcome(
    string Case, string Model, Digest Artifact, double Threshold, long Seed, IReadOnlyList<CheckResult> Results, IReadOnlyList<LocalOutcome.Skipped> NotApplicable)
{
    /// <summary>All tests of the results together; those on measures that policies usually limit count as gates.</summary>
    public IReadOnlyList<ReviewTest> Tests { get; } =
        MultiplicityLedger.Of(Results, (check, measure) => CheckCatalogue.Find(check)!.Descriptor.Thresholds.Any(t => t.Measure == measure));

    public sealed record Skipped(string Check, string Reason);
}

/// <summary>Runs checks on a model in this process. Immutable.</summary>
/// <param name="Threshold">Null takes the material's.</param>
internal sealed record LocalRun(LocalMaterial Material, double? Threshold, long Seed, int Shards)
{
    /// <summary>File of the model in use now; null without one.</summary>
    public string? Champion { get; init; }

    /// <summary>File of the model this one follows; null without one.</summary>
    public string? Previous { get; init; }

    /// <summary>Files of other considered models, by name.</summary>
    public IReadOnlyDictionary<string, string> Alternatives { get; init; } = new Dictionary<string, string>();

    /// <summary>JSON file of rules by feature, each in the place of the schema's; null without one.</summary>
    public string? Features { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Parameters { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, double>>();

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

        using var models = new OpenModels(Material.Features);
        var model = await models.OpenAsync(Material.ModelPath, cancellationToken);
        var alternatives = new Dictionary<string, IScorer>();
        foreach (var (name, path) in Alternatives)
        {
            alternatives[name] = (await models.OpenAsync(InputFiles.Existing(path), cancellationToken)).Scorer;
        }

        var input = new CheckInput
        {
            Evaluation = Material.Evaluation,
            Training = Material.Training,
            Model = model.Scorer,
            Champion = Champion is null ? null : (await models.OpenAsync(InputFiles.Existing(Champion), cancellationToken)).Scorer,
            PreviousModel = Previous is null ? null : (await models.OpenAsync(InputFiles.Existing(Previous), cancellationToken)).Scorer,
            Alternatives = alternatives,
            FeatureRules = await RulesAsync(cancellationToken),
            Parameters = Parameters,
            Threshold = Threshold ?? Material.Threshold,
            FavourablePrediction = Material.FavourablePrediction,
            ReferenceGroups = Material.ReferenceGroups,
            Seed = Seed,
        };
        var (results, skipped) = await RunAsync(checks, input, output, cancellationToken);
        return new LocalOutcome(Material.Name, Material.Model, model.Digest, input.Threshold, Seed, results, skipped);
    }

    private async Task<IReadOnlyDictionary<string, FeatureRule>> RulesAsync(CancellationToken cancellationToken)
    {
        if (Features is null)
        {
            return Material.FeatureRules;
        }

        var (_, rules) = await RunInputs.RulesAsync(Features, Material.Features, cancellationToken);
        return FeatureRuleFile.Over(Material.FeatureRules, rules);
    }

    private async Task<(List<CheckResult> Results, List<LocalOutcome.Skipped> Skipped)> RunAsync(
        IReadOnlyList<ICheck> checks, CheckInput input, Output output, CancellationToken cancellationToken)
    {
        var engine = new InMemoryMapReduce();
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

    /// <summary>Models that are open for a run, all with the same features; closed together.</summary>
    private sealed class OpenModels(IReadOnlyList<string> features) : IDisposable
    {
        private readonly List<OnnxScorer> open = [];

        public async Task<(OnnxScorer Scorer, Digest Digest)> OpenAsync(string path, CancellationToken cancellationToken)
        {
            var scan = await OnnxScanner.ScanFileAsync(path, OnnxLimits.Default, cancellationToken);
            if (scan.Model is not { } scanned)
            {
                throw CliException.Invalid($"{path} is refused: {scan.Findings[0].Message}");
            }

            try
            {
                open.Add(new OnnxScorer(scanned, features));
                return (open[^1], scanned.Digest);
            }
            catch (ModelRefusedException e)
            {
                throw CliException.Invalid($"{Path.GetFileName(path)}: {e.Message}");
            }
        }

        public void Dispose()
        {
            foreach (var scorer in open)
            {
                scorer.Dispose();
            }
        }
    }
}
