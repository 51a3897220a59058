using System.Diagnostics;
using System.Runtime.InteropServices;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>Sealing with keys of a token, on SoftHSM.</summary>
public sealed class Pkcs11Tests(SoftHsm hsm) : IClassFixture<SoftHsm>, IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_data_key_is_sealed_by_the_token_and_only_by_the_key_that_sealed_it()
    {
        using var vault = hsm.Open("seal");
        var first = Assert.Single(vault.Keys());
        var second = vault.Create();
        var dataKey = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var opened = new byte[32];

        var wrapped = first.Wrap(dataKey);
        Assert.NotEqual(wrapped, first.Wrap(dataKey));
        Assert.True(first.TryUnwrap(wrapped, opened));
        Assert.Equal(dataKey, opened);
        Assert.False(second.TryUnwrap(wrapped, opened));
        for (var at = 0; at < wrapped.Length; at++)
        {
            var bent = wrapped.ToArray();
            bent[at] ^= 1;
            Assert.False(first.TryUnwrap(bent, opened));
        }

        Assert.False(first.TryUnwrap(wrapped.AsSpan(1), opened));
        Assert.True(first.TryUnwrap(wrapped, opened));
    }

    [Fact]
    public void A_store_is_rolled_to_a_new_key_of_the_token_and_the_old_one_is_gone()
    {
        SealedRecord record;
        byte[] backup;
        string old;
        using (var vault = hsm.Open("roll"))
        using (var store = PayloadKeyRoll.Open(folder.File("p"), vault, TimeProvider.System))
        {
            old = store.KeyId;
            record = store.Seal("s"u8, "plain"u8, default);
            store.Flush();
            backup = File.ReadAllBytes(folder.File("p/keys.state"));
            var roll = new PayloadKeyRoll(store, vault);
            Assert.True(roll.Advance());
            Assert.Equal([old], roll.Sweep());
        }

        using var again = hsm.Open("roll");
        using (var reopened = PayloadKeyRoll.Open(folder.File("p"), again, TimeProvider.System))
        {
            Assert.Equal("plain"u8, reopened.Open(record, default).Plaintext);
            Assert.Equal(reopened.KeyId, Assert.Single(again.Keys()).Id);
        }

        File.WriteAllBytes(folder.File("p/keys.state"), backup);
        File.Delete(folder.File("p/keys.epoch"));
        Assert.Contains(old, Assert.Throws<LedgerDamagedException>(() => PayloadKeyRoll.Open(folder.File("p"), again, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_pin_token_or_module_is_one_sentence_without_the_pin()
    {
        using var vault = hsm.Open("present");
        foreach (var (location, pin) in new[]
        {
            (hsm.Location("x") with { Token = "no such token" }, SoftHsm.Pin),
            (hsm.Location("x") with { Module = "/no/such/module.so" }, SoftHsm.Pin),
        })
        {
            var refused = Assert.Throws<LedgerUnavailableException>(() => new Pkcs11KeyVault(location, pin));
            Assert.DoesNotContain(SoftHsm.Pin, refused.Message, StringComparison.Ordinal);
        }
    }
}

/// <summary>A SoftHSM token of its own in a temporary folder. The module is told where by an environment variable of the process, once.</summary>
public sealed partial class SoftHsm : IDisposable
{
    public const string Pin = "739205";
    private const string Token = "governance-test";

    private static readonly string[] Candidates =
        ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so"];

    private readonly TempFolder folder = new();
    private readonly Lazy<string?> module;

    public SoftHsm() => module = new Lazy<string?>(Prepare);

    public Pkcs11Location Location(string label) => new(module.Value!, Token, label);

    public Pkcs11KeyVault Open(string label)
    {
        Assert.SkipUnless(module.Value is not null, "SoftHSM is not installed: apt-get install softhsm2");
        return new Pkcs11KeyVault(Location(label), Pin);
    }

    public void Dispose() => folder.Dispose();

    private string? Prepare()
    {
        var found = Candidates.FirstOrDefault(File.Exists);
        if (found is null)
        {
            return null;
        }

        Directory.CreateDirectory(folder.File("tokens"));
        File.WriteAllText(folder.File("softhsm2.conf"), $"directories.tokendir = {folder.File("tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n");
        _ = SetEnvironment("SOFTHSM2_CONF", folder.File("softhsm2.conf"), 1);
        Run("--init-token", "--free", "--label", Token, "--pin", Pin, "--so-pin", "00000000");
        return found;
    }

    private void Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("softhsm2-util", arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["SOFTHSM2_CONF"] = folder.File("softhsm2.conf") },
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + error);
    }

    // The runtime keeps environment variables to itself; a native library asks the C library.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
