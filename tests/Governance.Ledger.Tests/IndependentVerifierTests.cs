using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>The format stands without our code: a Python script that uses only its standard library verifies a copied log.</summary>
public sealed class IndependentVerifierTests
{
    [Fact]
    public async Task The_python_verifier_accepts_a_log_and_finds_a_changed_entry_signature_or_key()
    {
                using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 200, 700, TestLog.Options with { MaximumSegmentBytes = 64 << 10 });
        var key = TestLog.Signer.Verifier.ToString();
        var accepted = await PythonVerifier.RunAsync(folder.Path, key);
        Assert.True(accepted.ExitCode == 0, accepted.Output);
        Assert.Contains("200 entries", accepted.Output, StringComparison.Ordinal);
        Assert.Contains("folder itself", (await PythonVerifier.RunAsync(folder.Path)).Output, StringComparison.Ordinal);

        using var stranger = EcdsaNoteSigner.Create(TestLog.Origin);
        Assert.Equal(1, (await PythonVerifier.RunAsync(folder.Path, stranger.Verifier.ToString())).ExitCode);
        foreach (var (file, at) in new[] { ("segments/00000000000000000000.seg", 70), ("checkpoint", 40), ("checkpoint", 75) })
        {
            var bytes = await File.ReadAllBytesAsync(folder.File(file), TestContext.Current.CancellationToken);
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(folder.File(file), bytes, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, (await PythonVerifier.RunAsync(folder.Path, key)).ExitCode);
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(folder.File(file), bytes, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task The_python_verifier_follows_a_key_rotation_and_passes_over_what_it_cannot_check()
    {
        using var folder = new TempFolder();
        using var next = EcdsaNoteSigner.Create(TestLog.Origin);
        List<INoteSigner> both = [TestLog.Signer, next];
        if (Ed25519NoteSigner.IsSupported)
        {
            both.Add(Ed25519NoteSigner.Create(TestLog.Origin));
        }

        await TestLog.CreateAsync(folder.Path, 5);
        await TestLog.CreateAsync(folder.Path, 5, options: TestLog.Options with { Signers = both });
        foreach (var keys in new string[][] { [], [TestLog.Signer.Verifier.ToString()], [next.Verifier.ToString()], [.. both.Select(s => s.Verifier.ToString())] })
        {
            var run = await PythonVerifier.RunAsync([folder.Path, .. keys]);
            Assert.True(run.ExitCode == 0 && run.Output.Contains("10 entries", StringComparison.Ordinal), run.Output);
        }

        await TestLog.CreateAsync(folder.Path, 5, options: TestLog.Options with { Signers = [next] });
        Assert.Equal(0, (await PythonVerifier.RunAsync(folder.Path, next.Verifier.ToString())).ExitCode);
        Assert.Equal(1, (await PythonVerifier.RunAsync(folder.Path, TestLog.Signer.Verifier.ToString())).ExitCode);
    }
}
