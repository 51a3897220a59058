using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Governance.Checks;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Governance.Jobs;

/// <summary>What computed a result: recorded with the evidence, never part of the result's digest.</summary>
public static class Provenance
{
    /// <summary>Check library: assembly version with the source revision, and the module's own identifier, which changes with the code.</summary>
    public static string Code { get; } = Describe(typeof(ICheck).Assembly);

    /// <summary>Digest of everything of ours that a result depends on: the builds of the rooms that compute it, and the model runtime's version.</summary>
    public static Digest CodeDigest { get; } = Digest.Of(Encoding.UTF8.GetBytes(string.Join(
        '\n',
        [.. new[] { typeof(ICheck), typeof(IScorer), typeof(DataTable), typeof(CheckResult) }.Select(t => t.Module.ModuleVersionId.ToString("n")), OrtEnv.Instance().GetVersionString()])));

    /// <summary>Model runtime and provider, on the processor.</summary>
    public static string Runtime { get; } = RuntimeOn(ModelDevice.Cpu);

    /// <summary>What this process can see of GPUs, and what its model runtime can do with them.</summary>
    public static GpuFacts Gpus { get; } = GpuFacts.Read(OrtEnv.Instance().GetAvailableProviders(), Environment.GetEnvironmentVariable);

    /// <summary>Model runtime and the provider of a device.</summary>
    public static string RuntimeOn(ModelDevice device) => $"ONNX Runtime {OrtEnv.Instance().GetVersionString()} {device.Provider}";

    public static string Platform { get; } = $"{RuntimeInformation.FrameworkDescription}; {RuntimeInformation.RuntimeIdentifier}; {Environment.ProcessorCount} processors";

    private static string Describe(Assembly assembly) =>
        $"{assembly.GetName().Name} {assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} mvid:{assembly.ManifestModule.ModuleVersionId}";
}
