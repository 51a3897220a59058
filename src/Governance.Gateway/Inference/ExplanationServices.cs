using Governance.Gateway.Inference.Counterfactuals;
using Governance.Gateway.Inference.Reasons;
using Governance.Serving;

namespace Governance.Gateway.Inference;

/// <summary>What decisions are explained with: reasons, and what would have turned them.</summary>
internal static class ExplanationServices
{
    public static void AddExplanations(this IServiceCollection services)
    {
        services.AddSingleton<VersionMaterial>();
        services.AddSingleton<ReasonLibrary>();
        services.AddSingleton<AnswerReasons>();
        services.AddSingleton<CounterfactualLibrary>();
        services.AddSingleton<AnswerCounterfactuals>();
        services.AddSingleton<IAnswerExplainer, AnswerExplanations>();
        services.AddHostedService<ExplanationWarming>();
    }
}
