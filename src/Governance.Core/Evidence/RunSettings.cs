namespace Governance.Core.Evidence;

/// <summary>What a run of checks computes with beside the version, its data and the seed. Every part may be absent. Immutable.</summary>
public sealed record RunSettings
{
    /// <summary>Version of the same model that is in use now and would be replaced: what champion/challenger compares with.</summary>
    public int? Champion { get; init; }

    /// <summary>Version of the same model that this one follows: what stability of reasons compares with.</summary>
    public int? Previous { get; init; }

    /// <summary>Versions of the same model that were considered beside it; null for none.</summary>
    public IReadOnlyList<int>? Alternatives { get; init; }

    /// <summary>Artefact: JSON of rules by feature, each in the place of the dataset schema's; null for the schema's alone.</summary>
    public Digest? FeatureRules { get; init; }

    /// <summary>Parameters that differ from their defaults, ordered by check and name; null for none.</summary>
    public IReadOnlyList<ParameterSetting>? Parameters { get; init; }

    /// <summary>Numbers of the versions named.</summary>
    public IEnumerable<int> Versions() => [.. new[] { Champion, Previous }.OfType<int>(), .. Alternatives ?? []];
}

/// <param name="Check">Check id.</param>
/// <param name="Name">Name of the parameter.</param>
public sealed record ParameterSetting(string Check, string Name, double Value);
