using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Governance.Models.Structure;
using Microsoft.ML.OnnxRuntime;

namespace Governance.Models.Onnx;

/// <summary>
/// A scanned ONNX model in ONNX Runtime, one thread per call and no spinning, so that many models and calls share a machine.
/// One session serves all threads; buffers are pooled. Thread-safe. Calls under way when it is disposed of are finished: the last of them frees the
/// native memory, which the runtime itself does not guard.
/// </summary>
public sealed class OnnxScorer : IInspectableModel, IRuntimeVariants, IDisposable
{
    /// <summary>Float32 sums of leaf probabilities pass 1 by rounding; what is further out is not a probability.</summary>
    private const double RoundingSlack = 1e-5;
    private const int BlockFloats = 1 << 18;
    private const int MaxBlockRows = 1024;

    private readonly InferenceSession session;
    private readonly RunOptions runOptions = new();
    private readonly string[] inputName;
    private readonly string[] outputName;
    private readonly int blockRows;
    private readonly Lazy<StructureReading> reading;
    private readonly Lazy<IReadOnlyList<RuntimeVariant>> variants;
    private readonly ConcurrentQueue<ScoringSlot> rowSlots = new();
    private readonly ConcurrentQueue<ScoringSlot> blockSlots = new();
    private int holders = 1;
    private int disposed;

    /// <param name="model">A model that passed the scan.</param>
    /// <param name="features">Feature names in the order of the input columns; their number must be the model's.</param>
    /// <param name="device">What runs it; the processor when null.</param>
    /// <exception cref="ModelRefusedException">It cannot be called as a binary classifier with these features, or ONNX Runtime refuses it.</exception>
    public OnnxScorer(ScannedModel model, IReadOnlyList<string> features, ModelDevice? device = null)
        : this(model, features, device ?? ModelDevice.Cpu, RuntimeSettings.Served)
    {
    }

    private OnnxScorer(ScannedModel model, IReadOnlyList<string> features, ModelDevice device, RuntimeSettings settings)
    {
        Signature = model.Signature.Signature ?? throw new ModelRefusedException(model.Signature.Problem!);
        if (features.Count != Signature.FeatureCount)
        {
            throw new ModelRefusedException($"The model takes {Signature.FeatureCount} features, but {features.Count} names are given. Name each input column once, in order.");
        }

        if (features.Distinct(StringComparer.Ordinal).Count() != features.Count)
        {
            throw new ModelRefusedException("A feature is named twice. Name each input column once, in order.");
        }

        Features = features;
        inputName = [Signature.Input];
        outputName = [Signature.Output];
        blockRows = Signature.SingleRow ? 1 : Math.Clamp(BlockFloats / features.Count, 1, MaxBlockRows);
        Facts = model.Facts;
        Device = device;
        session = Open(model, Device, settings);
        reading = new(() => StructureReader.Read(model, features));
        variants = new(() =>
        [
            .. RuntimeSettings.Others.Select(o => new RuntimeVariant(o.Name, o.Words, new OnnxScorer(model, features, Device, o.Settings))),
            .. Device.IsGpu ? [new RuntimeVariant("runtime_processor", "on the processor instead of the GPU", new OnnxScorer(model, features))] : Array.Empty<RuntimeVariant>(),
        ]);
    }

    /// <inheritdoc/>
    public StructureReading Reading => reading.Value;

    /// <inheritdoc/>
    public IReadOnlyList<RuntimeVariant> Variants => variants.Value;

    public OnnxSignature Signature { get; }

    public IReadOnlyList<string> Features { get; }

    public OnnxFacts Facts { get; }

    /// <summary>What runs the model.</summary>
    public ModelDevice Device { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="features"/> is not rows × features long.</exception>
    /// <exception cref="ModelOutputException">The model answered NaN, infinity or a number outside [0, 1].</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of before the call.</exception>
    public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
    {
        if (features.Length != (long)scores.Length * Features.Count)
        {
            throw new ArgumentException($"{scores.Length} rows of {Features.Count} features are {(long)scores.Length * Features.Count} values, not {features.Length}.", nameof(features));
        }

        Hold();
        try
        {
            while (!scores.IsEmpty)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = Math.Min(scores.Length, blockRows);
                ScoreBlock(features[..(rows * Features.Count)], scores[..rows]);
                features = features[(rows * Features.Count)..];
                scores = scores[rows..];
            }
        }
        finally
        {
            LetGo();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            LetGo();
        }
    }

    private void Hold()
    {
        for (var count = Volatile.Read(ref holders); ;)
        {
            ObjectDisposedException.ThrowIf(count == 0 || Volatile.Read(ref disposed) != 0, this);
            var seen = Interlocked.CompareExchange(ref holders, count + 1, count);
            if (seen == count)
            {
                return;
            }

            count = seen;
        }
    }

    private void LetGo()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            Free();
        }
    }

    private void Free()
    {
        foreach (var variant in variants.IsValueCreated ? variants.Value : [])
        {
            ((OnnxScorer)variant.Scorer).Dispose();
        }

        foreach (var slot in rowSlots.Concat(blockSlots))
        {
            slot.Dispose();
        }

        runOptions.Dispose();
        session.Dispose();
    }

    private void ScoreBlock(ReadOnlySpan<float> features, Span<double> scores)
    {
        var slots = scores.Length == 1 ? rowSlots : blockSlots;
        var slot = slots.TryDequeue(out var free) ? free : new ScoringSlot(scores.Length == 1 ? 1 : blockRows, Features.Count, Signature.Layout);
        try
        {
            slot.Run(session, runOptions, inputName, outputName, features, scores);
        }
        catch (OnnxRuntimeException)
        {
            throw new ModelOutputException("ONNX Runtime could not run the model on these rows. Check that its output has the declared shape.");
        }
        finally
        {
            slots.Enqueue(slot);
        }

        foreach (ref var score in scores)
        {
            if (!(score >= -RoundingSlack && score <= 1 + RoundingSlack))
            {
                throw new ModelOutputException(double.IsFinite(score)
                    ? "The model answered a number outside [0, 1], which is not a probability. Export it with its link function (sigmoid) in the graph."
                    : "The model answered NaN or infinity. Its input may be missing or out of range for it; check the row, or put an imputer into the model.");
            }

            score = Math.Clamp(score, 0, 1);
        }
    }

    private static InferenceSession Open(ScannedModel model, ModelDevice device, RuntimeSettings settings)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = settings.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = settings.Optimisation,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            EnableMemoryPattern = false,
            EnableCpuMemArena = settings.Arena,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.load_model_format", "ONNX");
        try
        {
            if (device.IsGpu)
            {
                using var cuda = new OrtCUDAProviderOptions();
                cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = "0", ["use_tf32"] = "0" });
                options.AppendExecutionProvider_CUDA(cuda);
            }

            var bytes = MemoryMarshal.TryGetArray(model.Content, out var segment) && segment.Array!.Length == segment.Count ? segment.Array : model.Content.ToArray();
            return new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException failure)
        {
            throw new ModelRefusedException($"ONNX Runtime refuses the model: {Printable.Quote(failure.Message, 300)}", failure);
        }
    }
}
