using Governance.Checks;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.State;
using Governance.Data;
using Governance.Storage;

namespace Governance.Gateway.Runs;

/// <summary>Reads what a run is asked to compute with: parameters and rules are checked here, the versions it compares with by the command. Thread-safe.</summary>
public sealed class RunSettingsReader(ArtifactStore artifacts)
{
    private const int MostAlternatives = 20;

    /// <returns>The settings, null when nothing was asked for; or why they are refused.</returns>
    public async Task<(RunSettings? Settings, Refusal? Refusal)> ReadAsync(StartRunRequest request, VersionState? version, CancellationToken cancellationToken)
    {
        if (request.Alternatives is { Count: > MostAlternatives })
        {
            return Refused("run-alternatives", $"A run compares with at most {MostAlternatives} alternatives.");
        }

        foreach (var (id, given) in request.Parameters ?? new Dictionary<string, IReadOnlyDictionary<string, double>>())
        {
            if (given is null || CheckCatalogue.Find(id) is not { } check)
            {
                return Refused("check-unknown", "Parameters are given by check id; one is not the id of a check. List them with: gov checks list");
            }

            if (CheckParameters.Problem(check.Descriptor, given) is { } problem)
            {
                return Refused("run-parameter", problem);
            }
        }

        Digest? rules = null;
        if (request.FeatureRules is { } json && version is not null)
        {
            var bytes = GovernanceJson.Serialize(json);
            if (FeatureRuleFile.Read(bytes, version.Submission.Features).Fault is { } fault)
            {
                return Refused("feature-rules", fault);
            }

            rules = await artifacts.PutAsync(bytes, cancellationToken);
        }

        var settings = new RunSettings
        {
            Champion = request.Champion,
            Previous = request.Previous,
            Alternatives = request.Alternatives is { Count: > 0 } numbers ? [.. numbers.Distinct().Order()] : null,
            FeatureRules = rules,
            Parameters = request.Parameters is { Count: > 0 } parameters
                ? [.. parameters.SelectMany(c => c.Value.Select(p => new ParameterSetting(c.Key, p.Key, p.Value))).OrderBy(p => p.Check, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal)]
                : null,
        };
        return (settings == new RunSettings() ? null : settings, null);
    }

    private static (RunSettings? Settings, Refusal? Refusal) Refused(string code, string detail) => (null, Refusal.Invalid(code, detail));
}
