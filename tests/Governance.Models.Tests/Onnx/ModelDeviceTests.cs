using Governance.Data.Synthetic;
using Governance.Models.Onnx;
using Governance.Models.Training;
using Governance.Testing;
using Microsoft.ML.OnnxRuntime;

namespace Governance.Models.Tests.Onnx;

public sealed class ModelDeviceTests
{
    private static readonly string[] Cuda = [ModelDevice.CudaProvider, ModelDevice.CpuProvider];
    private static readonly string[] Processor = [ModelDevice.CpuProvider];

    [Theory]
    [InlineData(GpuUse.Never, true, true, ModelDevice.CpuProvider)]
    [InlineData(GpuUse.Prefer, true, true, ModelDevice.CudaProvider)]
    [InlineData(GpuUse.Prefer, false, true, ModelDevice.CpuProvider)]
    [InlineData(GpuUse.Prefer, true, false, ModelDevice.CpuProvider)]
    [InlineData(GpuUse.Require, true, true, ModelDevice.CudaProvider)]
    public void The_policy_and_what_is_there_choose(GpuUse use, bool library, bool device, string provider) =>
        Assert.Equal(provider, ModelDevice.Choose(use, new GpuFacts(library ? Cuda : Processor, device ? ["NVIDIA H200"] : [], "550.54.15")).Provider);

    [Theory]
    [InlineData(false, true, "no CUDA provider")]
    [InlineData(true, false, "sees no GPU")]
    public void What_is_required_and_missing_is_told(bool library, bool device, string reason) =>
        Assert.Contains(reason, Assert.Throws<ModelRefusedException>(
            () => ModelDevice.Choose(GpuUse.Require, new GpuFacts(library ? Cuda : Processor, device ? ["NVIDIA H200"] : [], null))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "NVIDIA H200|NVIDIA L4")]
    [InlineData("1", "NVIDIA L4")]
    [InlineData("1,0", "NVIDIA L4|NVIDIA H200")]
    [InlineData("GPU-8f3c", "NVIDIA H200")]
    [InlineData("", "")]
    [InlineData("-1", "")]
    [InlineData("NoDevFiles", "")]
    public void What_the_driver_shows_is_read_within_what_may_be_seen(string? visible, string names)
    {
        using var folder = Driver();
        var facts = GpuFacts.Read(Cuda, name => name == "CUDA_VISIBLE_DEVICES" ? visible : null, folder.Path);

        Assert.Equal(names, string.Join('|', facts.Devices));
        Assert.Equal("550.54.15", facts.Driver);
    }

    [Fact]
    public void Without_a_driver_there_is_no_device()
    {
        using var folder = new TempFolder();
        var facts = GpuFacts.Read(Cuda, _ => null, folder.File("none"));

        Assert.Empty(facts.Devices);
        Assert.Null(facts.Driver);
        Assert.Equal("NVIDIA H200, driver 550.54.15", new ModelDevice(ModelDevice.CudaProvider, "NVIDIA H200", "550.54.15").ToString());
        Assert.Equal("cpu", ModelDevice.Cpu.ToString());
    }

    /// <summary>Where there is a GPU, it gives the processor's scores within the stated tolerance; where there is none, asking for it is refused.</summary>
    [Fact]
    public void A_gpu_gives_the_scores_of_the_processor()
    {
        var portfolio = SyntheticLender.Generate(3, training: 500, evaluation: 500);
        var trained = SyntheticModels.TrainBiased(portfolio);
        var model = OnnxScanner.Scan(trained.Onnx, OnnxLimits.Default).Model!;
        var facts = GpuFacts.Read(OrtEnv.Instance().GetAvailableProviders(), Environment.GetEnvironmentVariable);
        Assert.Contains(ModelDevice.CpuProvider, facts.Providers);
        if (!facts.Providers.Contains(ModelDevice.CudaProvider) || facts.Devices.Count == 0)
        {
            Assert.Throws<ModelRefusedException>(() => ModelDevice.Choose(GpuUse.Require, facts));
            Assert.Throws<ModelRefusedException>(() => new OnnxScorer(model, trained.Features, new ModelDevice(ModelDevice.CudaProvider, "none", null)));
            return;
        }

        using var processor = new OnnxScorer(model, trained.Features);
        using var gpu = new OnnxScorer(model, trained.Features, ModelDevice.Choose(GpuUse.Require, facts));
        var rows = FeatureMatrix.Of(portfolio.Evaluation, trained.Features);
        var (expected, scores) = (new double[rows.RowCount], new double[rows.RowCount]);
        processor.Score(rows.Values.Span, expected, TestContext.Current.CancellationToken);
        gpu.Score(rows.Values.Span, scores, TestContext.Current.CancellationToken);
        Assert.All(expected.Zip(scores), p => Assert.Equal(p.First, p.Second, ModelDevice.ParityTolerance));
    }

    private static TempFolder Driver()
    {
        var folder = new TempFolder();
        File.WriteAllText(folder.File("version"), "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version:  gcc version 12.2.0\n");
        foreach (var (bus, name) in new[] { ("0000:01:00.0", "NVIDIA H200"), ("0000:41:00.0", "NVIDIA L4") })
        {
            Directory.CreateDirectory(folder.File(Path.Combine("gpus", bus)));
            File.WriteAllText(folder.File(Path.Combine("gpus", bus, "information")), $"Model: \t\t {name}\nIRQ:   \t\t 33\n");
        }

        return folder;
    }
}
