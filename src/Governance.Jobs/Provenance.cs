using System.Reflection;
using System.Runtime.InteropServices;
using Governance.Checks;
using Microsoft.ML.OnnxRuntime;

namespace Governance.Jobs;

/// <summary>What computed a result: recorded with the evidence, never part of the result's digest.</summary>
public static class Provenance
{
    /// <summary>Check library: assembly version with the source revision, and the module's own identifier, which changes with the code.</summary>
    public static string Code { get; } = Describe(typeof(ICheck).Assembly);

    /// <summary>Model runtime and provider.</summary>
    public static string Runtime { get; } = $"ONNX Runtime {OrtEnv.Instance().GetVersionString()} CPUExecutionProvider";

    public static string Platform { get; } = $"{RuntimeInformation.FrameworkDescription}; {RuntimeInformation.RuntimeIdentifier}; {Environment.ProcessorCount} processors";

    private static string Describe(Assembly assembly) =>
        $"{assembly.GetName().Name} {assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} mvid:{assembly.ManifestModule.ModuleVersionId}";
}
