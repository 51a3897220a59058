using Governance.Core;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Storage;

namespace Governance.Gateway.Intake;

/// <summary>Decides whether an uploaded model file may enter: scanned as hostile input, then loaded once to see that it runs.</summary>
public sealed class ModelIntake(ArtifactStore artifacts, OnnxLimits limits)
{
    /// <summary>Everything wrong with the file, for people; empty when it may enter.</summary>
    public async Task<IReadOnlyList<string>> InspectAsync(Digest file, IReadOnlyList<string> features, CancellationToken cancellationToken)
    {
        var scan = await OnnxScanner.ScanFileAsync(artifacts.Locate(file), limits, cancellationToken);
        if (scan.Model is not { } model)
        {
            return [.. scan.Findings.Select(f => f.Message)];
        }

        try
        {
            using var scorer = new OnnxScorer(model, features);
            return [];
        }
        catch (ModelRefusedException e)
        {
            return [e.Message];
        }
    }
}
