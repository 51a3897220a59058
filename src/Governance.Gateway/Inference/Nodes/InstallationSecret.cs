using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Governance.Storage.Database.Requests;

namespace Governance.Gateway.Inference.Nodes;

/// <summary>What all gateways of an installation know and its database does not: derived from the key that signs evidence, which they share. Immutable.</summary>
internal sealed class InstallationSecret
{
    private const int Size = 32;
    private readonly byte[] proofs;

    public InstallationSecret(ECDsa evidenceKey)
    {
        var secret = evidenceKey.ExportParameters(includePrivateParameters: true).D!;
        RequestNames = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Size, info: "governance/request-names"u8.ToArray());
        proofs = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Size, info: "governance/node-proofs"u8.ToArray());
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>What names of requests are hashed with.</summary>
    public ReadOnlyMemory<byte> RequestNames { get; }

    /// <summary>A node's row with the proof that a gateway of the installation wrote it: callers' tokens are sent to its address.</summary>
    public StoredNode Prove(string name, string log, string? address) => new(name, log, address, Proof(name, log, address));

    public bool Proves(StoredNode node) => CryptographicOperations.FixedTimeEquals(node.Proof, Proof(node.Name, node.Log, node.Address));

    private byte[] Proof(string name, string log, string? address)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, proofs);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in new[] { name, log, address ?? "" })
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            mac.AppendData(length);
            mac.AppendData(bytes);
        }

        return mac.GetHashAndReset();
    }
}
