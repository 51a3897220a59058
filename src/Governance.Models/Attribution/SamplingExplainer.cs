using System.Numerics;
using Governance.Data;
using Governance.Models.Trees;
using MathNet.Numerics.LinearAlgebra;

namespace Governance.Models.Attribution;

/// <summary>
/// Shapley values of the probability of any model, against a background. Up to <see cref="ExactPlayers"/> players: every coalition, exact. More: paired
/// KernelSHAP (Covert and Lee 2021): coalitions drawn with their complements, least squares under the sum constraint, in independent replicates whose
/// spread is the standard error. Immutable and thread-safe as far as the model is.
/// </summary>
public sealed class SamplingExplainer : IExplainer
{
    public const int ExactPlayers = 12;

    private const int Replicates = 8;
    private const int RowsPerCall = 1 << 14;

    private readonly IScorer model;
    private readonly float[] background;
    private readonly int backgroundRows;
    private readonly bool[][] coalitions;

    /// <summary>For each replicate: from the values of its coalitions to contributions, before the sum is set right.</summary>
    private readonly (Matrix<double> Solve, double[] Ones)[] solutions;

    /// <param name="background">Row-major <c>[rows, features]</c>, at least one row.</param>
    /// <param name="seed">Of the coalitions, which are the same for every row.</param>
    public SamplingExplainer(IScorer model, PlayerSet players, ReadOnlySpan<float> background, long seed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(background.Length, nameof(background));
        this.model = model;
        this.background = background.ToArray();
        backgroundRows = background.Length / model.Features.Count;
        Players = players;
        (coalitions, solutions) = IsExact ? (All(players.Count), []) : Draw(players.Count, seed);
        var scores = new double[backgroundRows];
        model.Score(background, scores, cancellationToken);
        ExpectedValue = scores.Average();
    }

    /// <summary>Whether every coalition is evaluated.</summary>
    public bool IsExact => Players.Count <= ExactPlayers;

    /// <inheritdoc/>
    public PlayerSet Players { get; }

    /// <inheritdoc/>
    public double ExpectedValue { get; }

    /// <inheritdoc/>
    public TreeLink Link => TreeLink.Identity;

    /// <inheritdoc/>
    public string Method => IsExact ? "Shapley values over all coalitions (exact)" : $"paired KernelSHAP ({coalitions.Length} coalitions in {Replicates} replicates)";

    /// <inheritdoc/>
    public void Explain(ReadOnlySpan<float> rows, Span<double> contributions, CancellationToken cancellationToken)
    {
        var width = model.Features.Count;
        var errors = new double[Players.Count];
        for (var r = 0; r < rows.Length / width; r++)
        {
            ExplainRow(rows.Slice(r * width, width), contributions.Slice(r * Players.Count, Players.Count), errors, cancellationToken);
        }
    }

    /// <summary>Explains one row.</summary>
    /// <param name="standardErrors">Receives one per player; 0 when exact.</param>
    public void ExplainRow(ReadOnlySpan<float> row, Span<double> contributions, Span<double> standardErrors, CancellationToken cancellationToken)
    {
        var values = Values(row, cancellationToken);
        standardErrors.Clear();
        if (IsExact)
        {
            Exact(values, contributions);
            return;
        }

        var gain = Values(row, [Enumerable.Repeat(true, Players.Count).ToArray()], cancellationToken)[0] - ExpectedValue;
        var size = coalitions.Length / Replicates;
        var estimates = new double[Replicates][];
        for (var k = 0; k < Replicates; k++)
        {
            estimates[k] = Solve(solutions[k], values.AsSpan(k * size, size), gain);
        }

        for (var p = 0; p < contributions.Length; p++)
        {
            var mean = estimates.Average(e => e[p]);
            contributions[p] = mean;
            standardErrors[p] = Math.Sqrt(estimates.Sum(e => (e[p] - mean) * (e[p] - mean)) / (Replicates - 1) / Replicates);
        }
    }

    private double[] Solve((Matrix<double> Solve, double[] Ones) solution, ReadOnlySpan<double> values, double gain)
    {
        var centred = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            centred[i] = values[i] - ExpectedValue;
        }

        var free = solution.Solve * centred;
        var excess = (free.Sum() - gain) / solution.Ones.Sum();
        return [.. free.Select((v, p) => v - (solution.Ones[p] * excess))];
    }

    private void Exact(double[] values, Span<double> contributions)
    {
        var players = Players.Count;
        contributions.Clear();
        for (var coalition = 0; coalition < values.Length; coalition++)
        {
            var size = BitOperations.PopCount((uint)coalition);
            for (var p = 0; p < players; p++)
            {
                contributions[p] += (coalition >> p & 1) != 0
                    ? values[coalition] * ShapleyWeights.Gain(size, players - size)
                    : -values[coalition] * ShapleyWeights.Loss(size, players - size);
            }
        }
    }

    private double[] Values(ReadOnlySpan<float> row, CancellationToken cancellationToken) => Values(row, coalitions, cancellationToken);

    /// <summary>Mean score over the background with the players of each coalition at the row's values.</summary>
    private double[] Values(ReadOnlySpan<float> row, bool[][] asked, CancellationToken cancellationToken)
    {
        var width = model.Features.Count;
        var perCall = Math.Max(1, RowsPerCall / backgroundRows);
        var inputs = new float[Math.Min(perCall, asked.Length) * background.Length];
        var scores = new double[Math.Min(perCall, asked.Length) * backgroundRows];
        var values = new double[asked.Length];
        for (var first = 0; first < asked.Length; first += perCall)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(perCall, asked.Length - first);
            for (var c = 0; c < count; c++)
            {
                var block = inputs.AsSpan(c * background.Length, background.Length);
                background.CopyTo(block);
                for (var f = 0; f < width; f++)
                {
                    if (asked[first + c][Players.OfFeature[f]])
                    {
                        for (var b = 0; b < backgroundRows; b++)
                        {
                            block[(b * width) + f] = row[f];
                        }
                    }
                }
            }

            model.Score(inputs.AsSpan(0, count * background.Length), scores.AsSpan(0, count * backgroundRows), cancellationToken);
            for (var c = 0; c < count; c++)
            {
                var sum = 0.0;
                foreach (var score in scores.AsSpan(c * backgroundRows, backgroundRows))
                {
                    sum += score;
                }

                values[first + c] = sum / backgroundRows;
            }
        }

        return values;
    }

    private static bool[][] All(int players) => [.. Enumerable.Range(0, 1 << players).Select(c => Enumerable.Range(0, players).Select(p => (c >> p & 1) != 0).ToArray())];

    private static (bool[][] Coalitions, (Matrix<double>, double[])[] Solutions) Draw(int players, long seed)
    {
        var pairs = Math.Max(2 * players, 32);
        var random = new SeededRandom((ulong)seed);
        var sizes = Enumerable.Range(1, players - 1).Select(k => 1.0 / (k * (double)(players - k))).ToArray();
        var total = sizes.Sum();
        var all = new List<bool[]>();
        var solved = new List<(Matrix<double>, double[])>();
        while (solved.Count < Replicates)
        {
            var drawn = Enumerable.Range(0, pairs).Select(_ => One()).SelectMany(c => new[] { c, Array.ConvertAll(c, inside => !inside) }).ToArray();
            var design = Matrix<double>.Build.Dense(drawn.Length, players, (r, p) => drawn[r][p] ? 1 : 0);
            var moments = design.TransposeThisAndMultiply(design) / drawn.Length;
            if (moments.ConditionNumber() > 1e8)
            {
                // Drawn all that do not tell two players apart: draw again.
                continue;
            }

            var inverse = moments.Inverse();
            all.AddRange(drawn);
            solved.Add((inverse * design.Transpose() / drawn.Length, inverse.RowSums().ToArray()));
        }

        return ([.. all], [.. solved]);

        bool[] One()
        {
            var u = random.NextDouble() * total;
            var size = 1;
            while (size < players - 1 && (u -= sizes[size - 1]) >= 0)
            {
                size++;
            }

            // A uniform subset of this size: each player enters with the chance that is left.
            var inside = new bool[players];
            for (int p = 0, left = size; p < players; p++)
            {
                inside[p] = random.NextDouble() * (players - p) < left;
                left -= inside[p] ? 1 : 0;
            }

            return inside;
        }
    }
}
