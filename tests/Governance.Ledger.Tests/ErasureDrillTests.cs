using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>What erasure promises, tried the way an adversary would: with every backup, with every file, with the memory of the process.</summary>
public sealed class ErasureDrillTests
{
    private static readonly byte[] Fields = "the entry's other fields"u8.ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_oldest_backup_decrypts_nothing_once_the_key_was_rolled_and_every_proof_still_verifies()
    {
        using var folder = new TempFolder();
        using var backup = new TempFolder();
        using var old = LocalKeyEncryptionKey.Create();
        using var rolled = LocalKeyEncryptionKey.Create();
        List<(SealedRecord Record, byte[] Entry, byte[] Receipt)> kept = [];
        SignedNote before, after;
        using (var store = PayloadStore.Open(folder.File("payloads"), new PayloadStoreOptions { KeyEncryptionKey = old }))
        {
            await using var log = TestLog.Open(folder.File("log"), TestLog.Options with { Barrier = store });
            for (var i = 0; i < 20; i++)
            {
                var record = store.Seal([(byte)(i % 2)], [1, 2, 3, (byte)i], Fields);
                byte[] entry = [.. record.KeyRef.ToArray(), .. record.CiphertextHash.ToArray(), .. record.Commitment.ToArray()];
                Assert.True((await log.AppendAsync(entry, Token)).IsCommitted);
                kept.Add((record, entry, []));
            }

            before = log.PublishCheckpoint();
            kept = [.. kept.Select((k, i) => k with { Receipt = log.Reader.Receipt(i)!.ToBytes() })];
            TestLog.Copy(folder.Path, backup.Path);
            var outcome = store.Erase([0]);
            Assert.Equal(10, outcome.Count);
            await log.AppendAsync((byte[])[0, .. outcome.Id.ToByteArray(), .. outcome.Root.ToArray()], Token);
            store.Reseal(rolled);
            after = log.PublishCheckpoint();
        }

        // The oldest backup as a whole: its key is destroyed.
        Assert.Throws<LedgerDamagedException>(() => PayloadStore.Open(backup.File("payloads"), new PayloadStoreOptions { KeyEncryptionKey = rolled }));

        // Its payload files under the present keys.
        using var restored = new TempFolder();
        TestLog.Copy(backup.File("payloads"), restored.Path);
        File.Copy(folder.File("payloads/keys.state"), restored.File("keys.state"), overwrite: true);
        foreach (var path in (string[])[folder.File("payloads"), restored.Path])
        {
            using var store = PayloadStore.Open(path, new PayloadStoreOptions { KeyEncryptionKey = rolled });
            for (var i = 0; i < kept.Count; i++)
            {
                Assert.Equal(i % 2 == 0 ? PayloadState.Erased : PayloadState.Opened, store.Open(kept[i].Record, Fields).State);
            }
        }

        // The log knows nothing of it: receipts of before, the checkpoint of before, and every byte.
        foreach (var (_, entry, receipt) in kept)
        {
            Assert.True(InclusionReceipt.TryParse(receipt, out var parsed, out _));
            Assert.True(parsed.Verify(entry, TestLog.Origin, [TestLog.Signer.Verifier], out _));
        }

        using (var reader = LedgerReader.Open(folder.File("log")))
        {
            var (small, large) = (Checkpoint.Parse(before.Text)!, Checkpoint.Parse(after.Text)!);
            Assert.True(MerkleTree.VerifyConsistency(
                (ulong)small.Size, (ulong)large.Size, reader.ProveConsistency(small.Size, large.Size), small.Root, large.Root));
        }

        var report = LedgerVerifier.Fsck(
            folder.File("log"), new VerificationRequest { Keys = [TestLog.Signer.Verifier], SavedCheckpoints = [before.ToBytes()] }, Token);
        Assert.Empty(report.Findings);
    }

    [Fact]
    public async Task Neither_the_files_nor_the_memory_of_the_process_hold_the_erased_subject_its_payload_or_its_keys()
    {
        var dumper = Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "createdump");
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(dumper), "the runtime has no createdump here");
        using var folder = new TempFolder();
        using var backup = new TempFolder();
        using (LocalKeyEncryptionKey.FromFile(folder.File("kek")))
        {
        }

        using var child = LedgerChild.Start(folder.Path, $"{typeof(ErasureDrillTests).FullName}.{nameof(SealAndErase)}");
        var announced = (await ReadAsync(child, "sealed")).Split(' ');
        var (subject, payload) = (Masked(announced[1]), Masked(announced[2]));
        Assert.True(KeyRef.TryParse(announced[3], out var keyRef));
        TestLog.Copy(folder.File("payloads"), backup.Path);
        var secrets = Secrets(folder, backup, subject, payload, keyRef);

        // The search finds what is there: before the erasure, the process holds what derives the subject's key.
        Assert.Contains("the month's root key", await FoundInMemoryAsync(child, dumper, folder, secrets));
        await child.StandardInput.WriteLineAsync("erase");
        await ReadAsync(child, "erased");
        var inMemory = await FoundInMemoryAsync(child, dumper, folder, secrets);
        var inFiles = Found(Directory.EnumerateFiles(folder.File("payloads"), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(folder.File("log"), "*", SearchOption.AllDirectories)).Where(f => Path.GetFileName(f) != "lock"), secrets);
        child.Kill();
        Assert.Empty(inFiles);
        Assert.Empty(inMemory);
    }

    /// <summary>Not a test: what the child process runs. It prints nothing as it is, so that only the ledger could keep it.</summary>
    [Fact(Explicit = true)]
    public async Task SealAndErase()
    {
        var folder = LedgerChild.Folder;
        using var kek = LocalKeyEncryptionKey.FromFile(Path.Combine(folder, "kek"));
        using var store = PayloadStore.Open(Path.Combine(folder, "payloads"), new PayloadStoreOptions { KeyEncryptionKey = kek });
        await using var log = TestLog.Open(Path.Combine(folder, "log"), TestLog.Options with { Barrier = store });
        var subject = GC.AllocateArray<byte>(24, pinned: true);
        var payload = GC.AllocateArray<byte>(200, pinned: true);
        RandomNumberGenerator.Fill(subject);
        RandomNumberGenerator.Fill(payload);
        var record = store.Seal(subject, payload, Fields);
        Assert.True((await log.AppendAsync(record.KeyRef.ToArray(), Token)).IsCommitted);
        var opened = store.Open(record, Fields);
        Assert.Equal(PayloadState.Opened, opened.State);
        CryptographicOperations.ZeroMemory(opened.Plaintext);
        Console.Out.WriteLine($"sealed {Mask(subject)} {Mask(payload)} {record.KeyRef}");
        await Console.In.ReadLineAsync(Token);
        Assert.Equal(1, store.Erase(subject).Count);
        CryptographicOperations.ZeroMemory(subject);
        CryptographicOperations.ZeroMemory(payload);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        Console.Out.WriteLine("erased");
        await Console.In.ReadLineAsync(Token);
    }

    // From the backup, as only this test may: what derives and what is derived.
    private static Dictionary<string, byte[]> Secrets(TempFolder folder, TempFolder backup, byte[] subject, byte[] payload, KeyRef keyRef)
    {
        using var kek = LocalKeyEncryptionKey.FromFile(folder.File("kek"));
        using var state = KeyStateFile.Read(PhysicalFiles.Instance, backup.File("keys.state"), [kek])!.Value.State;
        var tree = state.Months.Values.Single().Tree;
        var id = state.SubjectId(subject);
        var stored = new byte[tree.StoredSize];
        tree.Write(stored);
        var (key, dataKey) = (new byte[PuncturableTree.KeySize], new byte[32]);
        Assert.True(tree.TryDerive(state.Path(id, 0), key));
        Sha256.DeriveKey(key, keyRef.ToArray(), "governance-ledger/payload@v1"u8, dataKey);
        return new(StringComparer.Ordinal)
        {
            ["the subject's identifier"] = subject,
            ["the payload"] = payload[..32],
            ["the payload's end"] = payload[^32..],
            ["the month's root key"] = stored[^PuncturableTree.KeySize..],
            ["the subject's key"] = key,
            ["the payload's key"] = dataKey,
        };
    }

    private static async Task<IReadOnlyList<string>> FoundInMemoryAsync(Process child, string dumper, TempFolder folder, Dictionary<string, byte[]> secrets)
    {
        var core = folder.File("core");
        using (var dump = Process.Start(new ProcessStartInfo(dumper, ["--full", "--name", core, child.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!)
        {
            var said = dump.StandardOutput.ReadToEndAsync(Token);
            await dump.StandardError.ReadToEndAsync(Token);
            await dump.WaitForExitAsync(Token);
            Assert.SkipUnless(dump.ExitCode == 0, "createdump may not read the process: " + await said);
        }

        var found = Found([core], secrets);
        File.Delete(core);
        return found;
    }

    private static List<string> Found(IEnumerable<string> files, Dictionary<string, byte[]> secrets)
    {
        const int Overlap = 64;
        List<string> found = [];
        var buffer = new byte[(4 << 20) + Overlap];
        foreach (var file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var kept = 0;
            for (int read; (read = stream.Read(buffer, kept, buffer.Length - kept)) > 0;)
            {
                var window = buffer.AsSpan(0, kept + read);
                foreach (var (name, secret) in secrets)
                {
                    if (window.IndexOf(secret) >= 0)
                    {
                        found.Add(name);
                    }
                }

                kept = Math.Min(Overlap, window.Length);
                window[^kept..].CopyTo(buffer);
            }
        }

        return [.. found.Distinct(StringComparer.Ordinal)];
    }

    private static async Task<string> ReadAsync(Process child, string word)
    {
        while (await child.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            // The runner may have set a colour before it.
            if (line.IndexOf(word, StringComparison.Ordinal) is >= 0 and var at)
            {
                return line[at..];
            }
        }

        throw new InvalidOperationException($"The child ended before it said {word}.");
    }

    private static string Mask(byte[] bytes) => Convert.ToHexString([.. bytes.Select(b => (byte)~b)]);

    private static byte[] Masked(string text) => [.. Convert.FromHexString(text).Select(b => (byte)~b)];
}
