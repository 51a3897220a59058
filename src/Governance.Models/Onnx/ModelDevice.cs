namespace Governance.Models.Onnx;

/// <summary>Whether a model may run on a GPU.</summary>
public enum GpuUse
{
    /// <summary>On the processor, also where there is a GPU.</summary>
    Never,

    /// <summary>On a GPU when the runtime and the machine have one, else on the processor.</summary>
    Prefer,

    /// <summary>On a GPU, or not at all.</summary>
    Require,
}

/// <summary>What runs a model. Immutable.</summary>
/// <param name="Provider">ONNX Runtime's name of the execution provider.</param>
/// <param name="Name"><c>cpu</c>, or the GPU's name.</param>
/// <param name="Driver">Version of the GPU's driver; null for the processor, or when it cannot be told.</param>
public sealed record ModelDevice(string Provider, string Name, string? Driver)
{
    public const string CpuProvider = "CPUExecutionProvider";
    public const string CudaProvider = "CUDAExecutionProvider";

    /// <summary>
    /// Largest difference between a score on a GPU and the score of the same row on the processor that counts as equal: both sum in float32, in
    /// another order. The default tolerance of <c>validation.conversion_parity</c>. TensorFloat-32 is off: it keeps ten bits of the fraction.
    /// </summary>
    public const double ParityTolerance = 1e-5;

    /// <summary>The processor.</summary>
    public static ModelDevice Cpu { get; } = new(CpuProvider, "cpu", null);

    public bool IsGpu => Provider == CudaProvider;

    /// <summary>The device for a policy. A pure function.</summary>
    /// <exception cref="ModelRefusedException">A GPU is required and there is none; says what is missing.</exception>
    public static ModelDevice Choose(GpuUse use, GpuFacts facts)
    {
        var lacks = !facts.Providers.Contains(CudaProvider) ? "this build of ONNX Runtime has no CUDA provider: install the one for GPUs"
            : facts.Devices.Count == 0 ? "this process sees no GPU: ask for one, and check CUDA_VISIBLE_DEVICES and the driver"
            : null;
        return use is GpuUse.Never || (lacks is not null && use is GpuUse.Prefer) ? Cpu
            : lacks is not null ? throw new ModelRefusedException($"A GPU is required, and {lacks}.")
            : new ModelDevice(CudaProvider, facts.Devices[0], facts.Driver);
    }

    public override string ToString() => Driver is null ? Name : $"{Name}, driver {Driver}";
}

/// <summary>What a process can see of GPUs. Immutable.</summary>
/// <param name="Providers">Execution providers the runtime was built with.</param>
/// <param name="Devices">Names of the GPUs this process may use; empty for none.</param>
/// <param name="Driver">Version of the driver; null when it cannot be told.</param>
public sealed record GpuFacts(IReadOnlyList<string> Providers, IReadOnlyList<string> Devices, string? Driver)
{
    private const string DriverFolder = "/proc/driver/nvidia";
    private const int MaxDevices = 64;
    private const int MaxLines = 32;
    private const int MaxName = 100;

    /// <summary>Of this process, from what NVIDIA's driver shows of itself.</summary>
    /// <param name="variable">Reads the environment: <c>CUDA_VISIBLE_DEVICES</c> limits what is seen.</param>
    public static GpuFacts Read(IReadOnlyList<string> providers, Func<string, string?> variable, string folder = DriverFolder)
    {
        var visible = variable("CUDA_VISIBLE_DEVICES");
        if (visible is not null && visible.Split(',')[0].Trim() is "" or "-1" or "NoDevFiles")
        {
            return new GpuFacts(providers, [], Version(folder));
        }

        var names = Names(folder);
        return new GpuFacts(providers, visible is null ? names : [.. visible.Split(',').Take(names.Count).Select(v => Named(names, v.Trim()))], Version(folder));
    }

    /// <summary>By number where the variable has one: the driver's order is CUDA's when CUDA_DEVICE_ORDER is PCI_BUS_ID.</summary>
    private static string Named(List<string> names, string visible) =>
        int.TryParse(visible, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= 0 && number < names.Count ? names[number] : names[0];

    private static List<string> Names(string folder)
    {
        var gpus = Path.Combine(folder, "gpus");
        return !Directory.Exists(gpus) ? [] :
        [
            .. Directory.EnumerateDirectories(gpus).Order(StringComparer.Ordinal).Take(MaxDevices)
                .Select(gpu => Lines(Path.Combine(gpu, "information")).FirstOrDefault(l => l.StartsWith("Model:", StringComparison.Ordinal)))
                .Select(line => line is null ? "GPU" : string.Concat(line["Model:".Length..].Trim().Take(MaxName))),
        ];
    }

    /// <summary>"NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue …": the first word of digits and dots.</summary>
    private static string? Version(string folder) => Lines(Path.Combine(folder, "version"))
        .Where(l => l.StartsWith("NVRM version:", StringComparison.Ordinal))
        .SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(w => w.Length <= 20 && w.Contains('.', StringComparison.Ordinal) && w.All(c => c == '.' || char.IsAsciiDigit(c)));

    private static List<string> Lines(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Take(MaxLines)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
