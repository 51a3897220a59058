using Governance.Core.Inventory;

namespace Governance.Core.Serving;

/// <summary>What a pipeline must satisfy by itself. Pure.</summary>
public static class RoutePipelineRules
{
    /// <summary>Everything wrong with it, each fault naming its member.</summary>
    public static IEnumerable<string> Faults(RoutePipeline pipeline)
    {
        if (pipeline.Pre.Contains(null) || pipeline.Members.Contains(null) || pipeline.Post.Contains(null))
        {
            yield return "pipeline: null is no step and no member.";
            yield break;
        }

        if (pipeline is { Pre.Count: 0, Members.Count: 0, Post.Count: 0 })
        {
            yield return "pipeline: at least one of pre, members, post.";
        }

        if (pipeline.Pre.Count > RoutePipeline.MostFeatures || pipeline.Pre.DistinctBy(s => s.Feature, StringComparer.Ordinal).Count() != pipeline.Pre.Count)
        {
            yield return $"pipeline.pre: at most {RoutePipeline.MostFeatures}, one for a feature.";
        }

        if (!pipeline.Pre.All(Fits))
        {
            yield return "pipeline.pre: impute, clip or scale, numbers within FP32, clip.low at most clip.high, scale.sd above 0.";
        }

        if (pipeline.Members.Count > RoutePipeline.MostMembers || pipeline.Members.Distinct().Count() != pipeline.Members.Count)
        {
            yield return $"pipeline.members: at most {RoutePipeline.MostMembers} different ones.";
        }

        if (!pipeline.Members.All(Fits))
        {
            yield return "pipeline.members: model and version, or upstream.";
        }

        if (pipeline.Ensemble is { } ensemble && !Fits(ensemble, pipeline.Members.Count + 1))
        {
            yield return $"pipeline.ensemble: weights (0 or more, not all 0) for weighted, thresholds (0 to 1) for majority, {pipeline.Members.Count + 1} of them, and nothing else.";
        }

        if (pipeline.Post.Count > RoutePipeline.MostPost || !pipeline.Post.All(Fits))
        {
            yield return $"pipeline.post: at most {RoutePipeline.MostPost}, each one of platt (a below 0), isotonic (2 to {RoutePipeline.MostPoints} points from 0 to 1, x rising, y not falling) and clamp (0 to 1).";
        }
    }

    private static bool Fits(FeatureStep step) =>
        step is not { Impute: null, Clip: null, Scale: null }
        && (step.Impute is not { } impute || (IsSingle(impute.Missing) && IsSingle(impute.Value)))
        && (step.Clip is not { } clip || (IsSingle(clip.Low) && IsSingle(clip.High) && clip.Low <= clip.High))
        && (step.Scale is not { } scale || (IsSingle(scale.Mean) && IsSingle(scale.Sd) && scale.Sd > 0));

    private static bool Fits(PipelineMember member) => member.Upstream is { } upstream
        ? Identifier.IsValid(upstream) && member is { Model: null, Version: null }
        : member is { Model: { } model, Version: >= 1 } && Identifier.IsValid(model);

    private static bool Fits(Ensemble ensemble, int members) => ensemble.Kind switch
    {
        EnsembleKind.Weighted => ensemble.Thresholds is null && ensemble.Weights is { } weights && weights.Count == members
            && weights.All(w => w is >= 0 and <= 1e6) && weights.Any(w => w >= 1e-6),
        EnsembleKind.Majority => ensemble.Weights is null && ensemble.Thresholds is { } thresholds && thresholds.Count == members && thresholds.All(IsScore),
        _ => ensemble is { Weights: null, Thresholds: null },
    };

    private static bool Fits(PostStep step) => step switch
    {
        { Platt: { } platt, Isotonic: null, Clamp: null } => platt is { A: >= -1e6 and < 0, B: >= -1e6 and <= 1e6 },
        { Platt: null, Isotonic: { } isotonic, Clamp: null } => Fits(isotonic),
        { Platt: null, Isotonic: null, Clamp: { } clamp } => IsScore(clamp.Low) && IsScore(clamp.High) && clamp.Low <= clamp.High,
        _ => false,
    };

    private static bool Fits(Isotonic isotonic) =>
        isotonic.X.Count is >= 2 and <= RoutePipeline.MostPoints && isotonic.Y.Count == isotonic.X.Count
        && isotonic.X.All(IsScore) && isotonic.Y.All(IsScore)
        && isotonic.X.Zip(isotonic.X.Skip(1)).All(p => p.First < p.Second)
        && isotonic.Y.Zip(isotonic.Y.Skip(1)).All(p => p.First <= p.Second);

    private static bool IsScore(double value) => value is >= 0 and <= 1;

    private static bool IsSingle(double value) => Math.Abs(value) <= float.MaxValue;
}
