using Governance.Core;
using Governance.Core.State;
using Governance.Gateway.Hosting;
using Governance.Gateway.Intake;
using Governance.Models;
using Governance.Serving;
using Governance.Serving.Scoring;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>
/// Freezes the bins of a version on its training data, scored by the model itself. Made once for a model file and a dataset and kept beside the
/// counts, since it takes reading the dataset. Thread-safe.
/// </summary>
internal sealed class ProfileMaker(DataFolder data, DatasetReader datasets, ModelPool models)
{
    /// <summary>Training rows looked at, at most: evenly spread over the data.</summary>
    public const int MostRows = 50_000;

    /// <exception cref="DatasetUnreadableException">The training data is missing, altered or cannot be read.</exception>
    /// <exception cref="ScoringException">The model cannot score it.</exception>
    public async Task<WatchProfile> GetAsync(GovernanceState state, VersionState version, CancellationToken cancellationToken)
    {
        var training = state.Datasets[version.Submission.TrainingDataset];
        var name = Digest.Of(GovernanceJson.Serialize(new { version.Submission.Artifact, training.Digest, version.Submission.Features })).Hex;
        var file = Path.Combine(WatchFiles.Folder(data), $"profile-{name[..32]}.json");
        if (WatchFiles.Read<WatchProfile>(file) is { } known && known.Features.SequenceEqual(version.Submission.Features))
        {
            return known;
        }

        var table = await datasets.ReadAsync(training, cancellationToken);
        var step = Math.Max(1, (table.RowCount + MostRows - 1) / MostRows);
        var rows = FeatureMatrix.Of(table, version.Submission.Features, [.. Enumerable.Range(0, table.RowCount).Where(r => r % step == 0)]);
        var scores = new double[rows.RowCount];
        await models.Get(version).ScoreAsync(rows.Values, rows.RowCount, scores, cancellationToken);
        var made = WatchProfile.Of(scores, rows.Features, rows.Values.Span);
        WatchFiles.Write(file, made);
        return made;
    }
}
