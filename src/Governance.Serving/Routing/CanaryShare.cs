using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Governance.Core.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;

namespace Governance.Serving.Routing;

/// <summary>
/// Which subjects a canary answers: a subject's place in 0 to 1 is HMAC-SHA-256 of its identifier under the canary's salt, and the canary holds
/// the places below its percentage. Equal on every node, unrelated between canaries, and growing with the percentage. Pure.
/// </summary>
public static class CanaryShare
{
    public static bool Holds(RouteCanary canary, string subject)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(canary.Salt), Subjects.Key(subject), hash);
        return (((ulong)BinaryPrimitives.ReadUInt32BigEndian(hash) * 100) >> 32) < (uint)canary.Percent;
    }

    /// <summary>Whether everybody a request is about is in the share.</summary>
    public static bool HoldsAll(RouteCanary canary, InferenceCall call) =>
        call.Subjects.All(s => Holds(canary, s)) && call.CoSubjects.Values.All(more => more.All(s => Holds(canary, s)));
}
