using Governance.Core.Inventory;

namespace Governance.Core.State;

/// <summary>A dataset in the lineage of another. Immutable.</summary>
/// <param name="Digest">Of the dataset.</param>
/// <param name="Datasets">Ids it is registered under, in order; the same files may have several.</param>
/// <param name="Depth">Steps from the dataset asked about; 0 for itself.</param>
/// <param name="Origin">As the first registration that says one has it; null at a source.</param>
public sealed record LineageStep(Digest Digest, IReadOnlyList<string> Datasets, int Depth, DatasetOrigin? Origin);

/// <summary>Walks from a dataset to what it was made from. A pure function of the recorded state.</summary>
public static class DatasetLineage
{
    /// <summary>The dataset and all its ancestors, nearest first, each once.</summary>
    public static IReadOnlyList<LineageStep> Of(GovernanceState state, DatasetRegistration dataset)
    {
        var registered = state.Datasets.Values.ToLookup(d => d.Digest);
        var steps = new List<LineageStep> { new(dataset.Digest, Ids(dataset.Digest), 0, dataset.Origin) };
        var seen = new HashSet<Digest> { dataset.Digest };
        for (var next = 0; next < steps.Count; next++)
        {
            var (_, _, depth, origin) = steps[next];
            foreach (var parent in (origin?.Parents ?? []).Where(seen.Add))
            {
                steps.Add(new LineageStep(parent, Ids(parent), depth + 1, registered[parent].Select(d => d.Origin).FirstOrDefault(o => o is not null)));
            }
        }

        return steps;

        List<string> Ids(Digest digest) => [.. registered[digest].Select(d => d.Id)];
    }
}
