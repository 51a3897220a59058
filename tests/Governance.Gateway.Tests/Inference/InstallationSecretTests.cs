using System.Security.Cryptography;
using Governance.Gateway.Inference.Nodes;

namespace Governance.Gateway.Tests.Inference;

/// <summary>What gateways with the same evidence key derive alike, and what others cannot.</summary>
public sealed class InstallationSecretTests : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        key.Dispose();
        other.Dispose();
    }

    [Fact]
    public void Gateways_with_the_same_key_name_requests_alike_and_believe_each_other()
    {
        using var copy = ECDsa.Create();
        copy.ImportFromPem(key.ExportPkcs8PrivateKeyPem());
        var (a, b, stranger) = (new InstallationSecret(key), new InstallationSecret(copy), new InstallationSecret(other));
        Assert.Equal(a.RequestNames.ToArray(), b.RequestNames.ToArray());
        Assert.NotEqual(a.RequestNames.ToArray(), stranger.RequestNames.ToArray());
        Assert.True(b.Proves(a.Prove("a", "log", "https://a/")));
        Assert.True(b.Proves(a.Prove("a", "log", null)));
        Assert.False(stranger.Proves(a.Prove("a", "log", "https://a/")));
    }

    /// <summary>The database sees proofs; the names' key is not to be had from them, nor from the key itself as it is.</summary>
    [Fact]
    public void The_key_of_names_is_neither_the_private_key_nor_a_proof()
    {
        var secret = new InstallationSecret(key);
        Assert.NotEqual(key.ExportParameters(includePrivateParameters: true).D, secret.RequestNames.ToArray());
        Assert.NotEqual(secret.Prove("", "", null).Proof, secret.RequestNames.ToArray());
    }

    [Fact]
    public void Nothing_in_a_row_can_be_changed_nor_moved_to_its_neighbour()
    {
        var secret = new InstallationSecret(key);
        var node = secret.Prove("a", "log", "https://a/");
        foreach (var changed in new[]
        {
            node with { Name = "b" }, node with { Log = "gol" }, node with { Address = "https://b/" }, node with { Address = null }, node with { Name = "al", Log = "og" },
            node with { Log = "loghttps://a/", Address = null }, node with { Proof = [] }, node with { Proof = new byte[32] },
        })
        {
            Assert.False(secret.Proves(changed), changed.ToString());
        }
    }
}
