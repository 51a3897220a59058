using System.Numerics;

namespace Governance.Gateway.Identity.Jose;

/// <summary>
/// Recognises RSA moduli of the ROCA key generator (CVE-2017-15361; Nemec et al., "The Return of Coppersmith's Attack", CCS 2017):
/// modulo each small prime such a modulus is a power of 65537, which for another modulus is all but impossible for all of them at once.
/// </summary>
internal static class RocaFingerprint
{
    private static readonly int[] Primes =
    [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139,
        149, 151, 157, 163, 167,
    ];

    public static bool Matches(BigInteger modulus) => Primes.All(p => IsPowerOf65537((int)(modulus % p), p));

    private static bool IsPowerOf65537(int residue, int prime)
    {
        var generator = 65537 % prime;
        var power = 1;
        do
        {
            if (power == residue)
            {
                return true;
            }

            power = power * generator % prime;
        }
        while (power != 1);
        return false;
    }
}
