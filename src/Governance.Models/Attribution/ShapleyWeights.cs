namespace Governance.Models.Attribution;

/// <summary>
/// Shapley weights of a game that one coalition wins: a leaf is reached exactly when <c>a</c> given players are in and <c>b</c> others are out.
/// </summary>
internal static class ShapleyWeights
{
    private const int Size = TreeProgram.MaxPlayersOnPath + 1;
    private static readonly double[] Table = Build();

    /// <summary>What each of the <c>a</c> players gains: (a − 1)! b! / (a + b)!. At least 1 a.</summary>
    public static double Gain(int a, int b) => Table[(a * Size) + b];

    /// <summary>What each of the <c>b</c> players loses: a! (b − 1)! / (a + b)!. At least 1 b.</summary>
    public static double Loss(int a, int b) => Table[(b * Size) + a];

    private static double[] Build()
    {
        var table = new double[Size * Size];
        for (var a = 1; a < Size; a++)
        {
            // 1/a at b = 0; each further b multiplies by b / (a + b).
            var value = 1.0 / a;
            for (var b = 0; b < Size; b++)
            {
                value *= b == 0 ? 1 : b / (double)(a + b);
                table[(a * Size) + b] = value;
            }
        }

        return table;
    }
}
