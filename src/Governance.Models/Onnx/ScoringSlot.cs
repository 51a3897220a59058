using Microsoft.ML.OnnxRuntime;

namespace Governance.Models.Onnx;

/// <summary>Pinned input and output buffers for up to <see cref="Rows"/> rows, used by one call at a time.</summary>
internal sealed class ScoringSlot : IDisposable
{
    private readonly float[] input;
    private readonly float[] output;
    private readonly int features;
    private readonly ProbabilityLayout layout;
    private readonly OrtValue[] fullInput;
    private readonly OrtValue[] fullOutput;

    public ScoringSlot(int rows, int features, ProbabilityLayout layout)
    {
        Rows = rows;
        this.features = features;
        this.layout = layout;
        input = GC.AllocateArray<float>(rows * features, pinned: true);
        output = GC.AllocateArray<float>(rows * Width, pinned: true);
        fullInput = [Input(rows)];
        fullOutput = [Output(rows)];
    }

    public int Rows { get; }

    private int Width => layout is ProbabilityLayout.TwoColumns ? 2 : 1;

    /// <summary>Scores 1 to <see cref="Rows"/> rows.</summary>
    public void Run(InferenceSession session, RunOptions options, string[] inputName, string[] outputName, ReadOnlySpan<float> rows, Span<double> scores)
    {
        rows.CopyTo(input);
        output.AsSpan(0, scores.Length * Width).Fill(float.NaN);
        if (scores.Length == Rows)
        {
            session.Run(options, inputName, fullInput, outputName, fullOutput);
        }
        else
        {
            using var partInput = Input(scores.Length);
            using var partOutput = Output(scores.Length);
            session.Run(options, inputName, [partInput], outputName, [partOutput]);
        }

        var column = Width - 1;
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = output[(i * Width) + column];
        }
    }

    public void Dispose()
    {
        fullInput[0].Dispose();
        fullOutput[0].Dispose();
    }

    private OrtValue Input(int rows) => OrtValue.CreateTensorValueFromMemory(input, [rows, features]);

    private OrtValue Output(int rows) => OrtValue.CreateTensorValueFromMemory(output, layout is ProbabilityLayout.Vector ? [rows] : [rows, Width]);
}
