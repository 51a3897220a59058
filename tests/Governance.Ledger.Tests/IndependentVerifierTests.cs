using System.Diagnostics;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>The format stands without our code: a Python script that uses only its standard library verifies a copied log.</summary>
public sealed class IndependentVerifierTests
{
    [Fact]
    public async Task The_python_verifier_accepts_a_log_and_finds_a_changed_entry_signature_or_key()
    {
        Assert.SkipWhen(await RunAsync("--version") is null, "python3 is not installed");
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 200, 700, TestLog.Options with { MaximumSegmentBytes = 64 << 10 });
        var key = TestLog.Signer.Verifier.ToString();
        var accepted = await VerifyAsync(folder.Path, key);
        Assert.True(accepted.ExitCode == 0, accepted.Output);
        Assert.Contains("200 entries", accepted.Output, StringComparison.Ordinal);
        Assert.Contains("folder itself", (await VerifyAsync(folder.Path)).Output, StringComparison.Ordinal);

        using var stranger = EcdsaNoteSigner.Create(TestLog.Origin);
        Assert.Equal(1, (await VerifyAsync(folder.Path, stranger.Verifier.ToString())).ExitCode);
        foreach (var (file, at) in new[] { ("segments/00000000000000000000.seg", 70), ("checkpoint", 40), ("checkpoint", 75) })
        {
            var bytes = await File.ReadAllBytesAsync(folder.File(file), TestContext.Current.CancellationToken);
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(folder.File(file), bytes, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, (await VerifyAsync(folder.Path, key)).ExitCode);
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(folder.File(file), bytes, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<(int ExitCode, string Output)> VerifyAsync(params string[] arguments) =>
        (await RunAsync([Path.Combine(SharedMaterial.RepositoryRoot, "docs", "verify_ledger.py"), .. arguments]))!.Value;

    private static async Task<(int ExitCode, string Output)?> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
