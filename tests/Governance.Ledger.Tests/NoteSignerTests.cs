using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>Signature types beside ECDSA, against vectors of RFC 8032, of the Go checksum database's documentation, and of C2SP.</summary>
public sealed class NoteSignerTests
{
    // RFC 8032 section 7.1: seed, public key, message, signature.
    public static TheoryData<string, string, string, string> Rfc8032 => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc8032))]
    public void Ed25519_gives_the_published_keys_and_signatures(string seed, string publicKey, string message, string signature)
    {
        NeedEd25519();
        var (s, p, m, expected) = (Convert.FromHexString(seed), Convert.FromHexString(publicKey), Convert.FromHexString(message), Convert.FromHexString(signature));
        Assert.Equal(p, Ed25519.PublicKey(s));
        Assert.Equal(expected, Ed25519.Sign(s, m));
        Assert.True(Ed25519.Verify(p, m, expected));
        Assert.False(Ed25519.Verify(p, [.. m, 0], expected));
        for (var bit = 0; bit < 512; bit++)
        {
            var changed = (byte[])[.. expected];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Ed25519.Verify(p, m, changed));
        }
    }

    [Fact]
    public void A_note_signed_by_another_implementation_verifies()
    {
        NeedEd25519();
        const string Text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        const string Note = Text + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        var key = NoteVerifier.Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        Assert.Equal(NoteKeyType.Ed25519, key.Type);
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes(Note), out var note, out var error), error);
        Assert.True(note.Verify([key], out var by));
        Assert.Same(key, Assert.Single(by));
        Assert.False((note with { Text = Text.Replace("problem", "answer", StringComparison.Ordinal) }).Verify([key], out _));
    }

    [Fact]
    public void A_log_may_sign_with_several_types_and_each_verifies_alone()
    {
        NeedEd25519();
        using var ed25519 = Ed25519NoteSigner.Create(TestLog.Origin);
        var note = new Checkpoint(TestLog.Origin, 3, MerkleTree.EmptyRoot).Sign(TestLog.Signer, ed25519).ToBytes();
        foreach (var key in new[] { TestLog.Signer.Verifier, ed25519.Verifier })
        {
            Assert.True(Checkpoint.TryVerify(note, TestLog.Origin, [NoteVerifier.Parse(key.ToString())], out var checkpoint, out var error), error);
            Assert.Equal(3, checkpoint.Size);
        }
    }

    [Fact]
    public void A_cosignature_is_bound_to_checkpoint_time_name_and_type()
    {
        NeedEd25519();
        using var witness = Ed25519NoteSigner.CreateCosigner("witness.test/w1");
        var checkpoint = new Checkpoint(TestLog.Origin, 9, MerkleTree.EmptyRoot);
        var text = Encoding.UTF8.GetBytes(checkpoint.ToString());
        var time = DateTimeOffset.FromUnixTimeSeconds(1679315147);
        var signature = witness.Cosign(checkpoint, time);
        Assert.Equal(72, signature.Length);
        Assert.Equal(1679315147UL, System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(signature));
        Assert.True(witness.Verifier.Verify(text, signature));

        // What the specification says is signed, checked with the bare algorithm.
        var key = Convert.FromBase64String(witness.Verifier.ToString().Split('+', 3)[2]);
        Assert.Equal(4, key[0]);
        Assert.True(Ed25519.Verify(key.AsSpan(1), Encoding.UTF8.GetBytes("cosignature/v1\ntime 1679315147\n" + checkpoint), signature.AsSpan(8)));
        for (var at = 0; at < signature.Length; at++)
        {
            signature[at] ^= 1;
            Assert.False(witness.Verifier.Verify(text, signature));
            signature[at] ^= 1;
        }

        Assert.False(witness.Verifier.Verify(Encoding.UTF8.GetBytes((checkpoint with { Size = 8 }).ToString()), signature));
        var asLog = NoteVerifier.Create("witness.test/w1", NoteKeyType.Ed25519, key.AsSpan(1));
        Assert.NotEqual(asLog.KeyId, witness.Verifier.KeyId);
        Assert.False(asLog.Verify(text, signature));
        Assert.Throws<InvalidOperationException>(() => witness.Sign(text));
        Assert.False(Checkpoint.TryVerify(
            new SignedNote(checkpoint.ToString(), [new NoteSignature(TestLog.Origin, NoteVerifier.Create(TestLog.Origin, NoteKeyType.Ed25519Cosignature, key.AsSpan(1)).KeyId, signature)]).ToBytes(),
            TestLog.Origin, [NoteVerifier.Create(TestLog.Origin, NoteKeyType.Ed25519Cosignature, key.AsSpan(1))], out _, out _));
    }

    [Fact]
    public void Ml_dsa_44_signs_as_log_and_as_witness_where_the_system_has_it()
    {
        Assert.SkipUnless(MlDsaCosigner.IsSupported, "ML-DSA needs OpenSSL 3.5 or later, which this system does not have");
        using var key = MlDsaCosigner.Create(TestLog.Origin);
        var checkpoint = new Checkpoint(TestLog.Origin, 9, MerkleTree.EmptyRoot);
        Assert.True(Checkpoint.TryVerify(checkpoint.Sign(key).ToBytes(), TestLog.Origin, [NoteVerifier.Parse(key.Verifier.ToString())], out _, out var error), error);
        var cosignature = key.Cosign(checkpoint, DateTimeOffset.FromUnixTimeSeconds(1679315147));
        Assert.Equal(2428, cosignature.Length);
        Assert.True(key.Verifier.Verify(Encoding.UTF8.GetBytes(checkpoint.ToString()), cosignature));
        cosignature[7] ^= 1;
        Assert.False(key.Verifier.Verify(Encoding.UTF8.GetBytes(checkpoint.ToString()), cosignature));
    }

    [Fact]
    public void What_the_system_lacks_is_said_and_its_keys_are_passed_over()
    {
        Assert.SkipWhen(MlDsaCosigner.IsSupported, "this system has ML-DSA");
        Assert.Contains("OpenSSL 3.5", Assert.Throws<PlatformNotSupportedException>(() => MlDsaCosigner.Create("x")).Message, StringComparison.Ordinal);
        var key = NoteVerifier.Create(TestLog.Origin, NoteKeyType.MlDsa44Cosignature, new byte[1312]);
        Assert.Equal(key.KeyId, NoteVerifier.Parse(key.ToString()).KeyId);
        Assert.Throws<PlatformNotSupportedException>(() => key.Verify(Encoding.UTF8.GetBytes(new Checkpoint("o", 1, default).ToString()), new byte[2428]));
        var signed = new Checkpoint(TestLog.Origin, 1, MerkleTree.EmptyRoot).Sign(TestLog.Signer);
        var both = signed with { Signatures = [.. signed.Signatures, new NoteSignature(key.Name, key.KeyId, new byte[2428])] };
        Assert.True(Checkpoint.TryVerify(both.ToBytes(), TestLog.Origin, [key, TestLog.Signer.Verifier], out _, out _));
        Assert.False(Checkpoint.TryVerify(both.ToBytes(), TestLog.Origin, [key], out _, out var error));
        Assert.Contains("OpenSSL 3.5", error, StringComparison.Ordinal);
    }

    // The layout of FIPS 204 cosignatures, spelled out by hand from the specification.
    [Fact]
    public void The_message_of_an_ml_dsa_cosignature_has_the_specified_bytes()
    {
        var root = MerkleTree.LeafHash([7]);
        var text = Encoding.UTF8.GetBytes(new Checkpoint("log.test", 258, root).ToString());
        byte[] expected =
        [
            .. "subtree/v1\n\0"u8, 4, .. "w.te"u8, 0, 0, 0, 0, 0, 0, 1, 0, 8, .. "log.test"u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, .. root.ToArray(),
        ];
        Assert.Equal(expected, Cosignature.Message(NoteKeyType.MlDsa44Cosignature, "w.te", text, 256));
        Assert.Null(Cosignature.Message(NoteKeyType.MlDsa44Cosignature, "w.te", "no checkpoint\n"u8, 256));
    }

    [Fact]
    public async Task Key_files_are_made_read_rotated_and_refused_when_open_to_others()
    {
        NeedEd25519();
        using var folder = new TempFolder();
        var path = folder.File("log.pem");
        var first = Assert.Single(NoteSigners.FromFiles(TestLog.Origin, path));
        Assert.Equal(NoteKeyType.EcdsaP256, first.Verifier.Type);
        using var ed25519 = Ed25519NoteSigner.Create(TestLog.Origin);
        await File.WriteAllTextAsync(folder.File("log.2027.pem"), ed25519.ExportPem(), TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.File("log.2027.pem"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Contains("open to other users", Assert.Throws<LedgerUnavailableException>(() => NoteSigners.FromFiles(TestLog.Origin, path)).Message, StringComparison.Ordinal);
            File.SetUnixFileMode(folder.File("log.2027.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var both = NoteSigners.FromFiles(TestLog.Origin, path);
        Assert.Equal([first.Verifier.KeyId, ed25519.Verifier.KeyId], both.Select(s => s.Verifier.KeyId));

        // Rotation: once with both, then with the new one alone; the trail keeps both and every checkpoint ever signed verifies with it.
        var log = folder.File("log");
        await TestLog.CreateAsync(log, 4, options: TestLog.Options with { Signers = [first] });
        var before = await File.ReadAllBytesAsync(Path.Combine(log, "checkpoint"), TestContext.Current.CancellationToken);
        await TestLog.CreateAsync(log, 0, options: TestLog.Options with { Signers = both });
        Assert.Empty(LedgerVerifier.Verify(log, new VerificationRequest { Keys = [ed25519.Verifier, first.Verifier] }, TestContext.Current.CancellationToken).Findings);
        Assert.True(Checkpoint.TryVerify(
            await File.ReadAllBytesAsync(Path.Combine(log, "checkpoint"), TestContext.Current.CancellationToken), TestLog.Origin, [ed25519.Verifier], out _, out _));
        await TestLog.CreateAsync(log, 4, options: TestLog.Options with { Signers = both });
        File.Delete(path);
        var alone = NoteSigners.FromFiles(TestLog.Origin, path);
        Assert.Equal(ed25519.Verifier.KeyId, Assert.Single(alone).Verifier.KeyId);
        await TestLog.CreateAsync(log, 4, options: TestLog.Options with { Signers = alone });
        Assert.Empty(LedgerVerifier.Fsck(
            log, new VerificationRequest { Keys = [first.Verifier, ed25519.Verifier], SavedCheckpoints = [before] }, TestContext.Current.CancellationToken).Findings);
        Assert.NotEmpty(LedgerVerifier.Verify(log, new VerificationRequest { Keys = [first.Verifier] }, TestContext.Current.CancellationToken).Findings);
    }

    [Fact]
    public void Cosignatures_of_any_bytes_never_throw_and_never_verify()
    {
        NeedEd25519();
        using var witness = Ed25519NoteSigner.CreateCosigner("w");
        var text = Encoding.UTF8.GetBytes(new Checkpoint("o", 5, MerkleTree.EmptyRoot).ToString());
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(ArbMap.Default.GeneratorFor<byte[]>().Resize(100).ToArbitrary(), bytes => !witness.Verifier.Verify(text, bytes)));
    }

    internal static void NeedEd25519() =>
        Assert.SkipUnless(Ed25519NoteSigner.IsSupported, string.Create(CultureInfo.InvariantCulture, $"{Ed25519.Missing} apt-get install libssl3"));
}
