using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>Copies of sealed segments: resumable, verified there, and honest about a changed source, a changed copy and every failing file operation.</summary>
public sealed class LedgerExportTests
{
    private static readonly LedgerOptions Small = TestLog.Options with { MaximumSegmentBytes = 64 << 10 };
    private static readonly VerificationRequest Trusted = new() { Keys = [TestLog.Signer.Verifier] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ExportReport Export(TempFolder from, TempFolder to) =>
        LedgerExport.Run(new ExportRequest { Source = from.Path, Target = to.Path, Keys = [TestLog.Signer.Verifier] }, Token);

    [Fact]
    public async Task Each_run_adds_what_was_sealed_since_and_the_copy_verifies_alone()
    {
        using var source = new TempFolder();
        using var target = new TempFolder();
        await TestLog.CreateAsync(source.Path, 200, 800, Small);
        var saved = new List<ReadOnlyMemory<byte>>();
        var first = Export(source, target);
        Assert.True(first is { Copied: >= 2, Present: 0 } && first.Size is > 100 and < 200, first.ToString());
        saved.Add(await File.ReadAllBytesAsync(target.File("checkpoint"), Token));
        var written = Stamps(target);
        Assert.Equal(first with { Copied = 0, Present = first.Copied, Bytes = 0 }, Export(source, target));
        Assert.Equal(written, Stamps(target));

        // While the log is being written, and with a second key in the trail.
        using var second = EcdsaNoteSigner.Create(TestLog.Origin);
        await using var log = TestLog.Open(source.Path, Small with { Signers = [TestLog.Signer, second] });
        await log.AppendAsync(300, 800);
        log.PublishCheckpoint();
        var next = Export(source, target);
        Assert.True(next.Copied >= 2 && next.Present == first.Copied && next.Size > 300, next.ToString());
        Assert.All(written.Where(w => w.Name is not ("checkpoint" or "keys")), w => Assert.Contains(w, Stamps(target)));

        var request = new VerificationRequest { Keys = [TestLog.Signer.Verifier, second.Verifier], SavedCheckpoints = saved };
        foreach (var report in new[] { LedgerVerifier.Verify(target.Path, request, Token), LedgerVerifier.Fsck(target.Path, request, Token) })
        {
            Assert.Empty(report.Findings);
            Assert.Equal((next.Size, next.Size), (report.Checkpoint!.Size, report.EntriesRead));
        }

        var python = await PythonVerifier.RunAsync(target.Path, TestLog.Signer.Verifier.ToString());
        Assert.True(python.ExitCode == 0, python.Output);

        // A saved checkpoint of another history is found without a stored tree too.
        using var other = new TempFolder();
        await TestLog.CreateAsync(other.Path, 50, 3);
        var foreign = await File.ReadAllBytesAsync(other.File("checkpoint"), Token);
        var found = LedgerVerifier.Verify(target.Path, request with { SavedCheckpoints = [foreign] }, Token).Findings;
        Assert.Equal(LedgerFault.Inconsistent, Assert.Single(found).Fault);
    }

    [Fact]
    public async Task A_changed_source_is_refused_before_the_copy_has_it()
    {
        using var source = new TempFolder();
        await TestLog.CreateAsync(source.Path, 300, 800, Small);
        foreach (var (name, at, file) in new[]
        {
            ("segments/00000000000000000000.seg", 5000, "segments/00000000000000000000.seg"),
            ("segments/00000000000000000000.seal", 60, "segments/00000000000000000000.seal"),
            ("segments/00000000000000000000.seal", 110, "segments/00000000000000000000.se"),
            ("tree/00", 64 * 32, "tree"),
        })
        {
            using var changed = new TempFolder();
            using var target = new TempFolder();
            TestLog.Copy(source.Path, changed.Path);
            var path = changed.File(name);
            var bytes = await File.ReadAllBytesAsync(path, Token);
            bytes[Math.Min(at, bytes.Length - 1)] ^= 4;
            await File.WriteAllBytesAsync(path, bytes, Token);
            try
            {
                Export(changed, target);
                Assert.Equal("tree/00", name);
            }
            catch (LedgerDamagedException e)
            {
                Assert.StartsWith(file, e.Finding.File, StringComparison.Ordinal);
            }

            Assert.DoesNotContain(Stamps(target), s => s.Name == name);
        }

        // A forger who fixes the digest in the seal still cannot sign: the entries must hash to the signed root.
        using var forged = new TempFolder();
        using var untouched = new TempFolder();
        TestLog.Copy(source.Path, forged.Path);
        var segment = forged.File("segments/00000000000000000000.seg");
        var content = await File.ReadAllBytesAsync(segment, Token);
        content[60] ^= 1;
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(32));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(
            content.AsSpan(36), Crc32C.Compute(content.AsSpan(40, 12 + length), Crc32C.Compute(content.AsSpan(32, 4))));
        await File.WriteAllBytesAsync(segment, content, Token);
        var seal = SegmentSeal.Parse(await File.ReadAllBytesAsync(forged.File("segments/00000000000000000000.seal"), Token))!;
        var digest = new MerkleHash(System.Security.Cryptography.SHA256.HashData(content));
        await File.WriteAllTextAsync(forged.File("segments/00000000000000000000.seal"), (seal with { Digest = digest }).ToString(), Token);
        Assert.Equal(LedgerFault.RootMismatch, Assert.Throws<LedgerDamagedException>(() => Export(forged, untouched)).Finding.Fault);
        Assert.Empty(Directory.GetFiles(untouched.File("segments")));
    }

    [Fact]
    public async Task A_source_that_contradicts_the_copy_and_a_copy_that_was_changed_are_refused_and_located()
    {
        using var source = new TempFolder();
        using var older = new TempFolder();
        using var target = new TempFolder();
        using var rewritten = new TempFolder();
        await TestLog.CreateAsync(source.Path, 100, 800, Small);
        TestLog.Copy(source.Path, older.Path);
        await TestLog.CreateAsync(source.Path, 300, 800, Small);
        await TestLog.CreateAsync(rewritten.Path, 400, 801, Small);
        Export(source, target);
        var before = Stamps(target);
        Assert.Contains("rolled back", Assert.Throws<LedgerDamagedException>(() => Export(older, target)).Message, StringComparison.Ordinal);
        Assert.Contains("rewritten", Assert.Throws<LedgerDamagedException>(() => Export(rewritten, target)).Message, StringComparison.Ordinal);
        Assert.Contains("own folder", Assert.Throws<LedgerDamagedException>(() => Export(source, older)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Stamps(target));

        // Every file of the copy: a flipped byte, a missing tail, the file gone.
        foreach (var (name, _, _) in before.Where(s => s.Name is not ("lock" or "writer")))
        {
            var path = target.File(name);
            var bytes = await File.ReadAllBytesAsync(path, Token);
            foreach (var changed in new[] { Flipped(bytes, bytes.Length / 2), Flipped(bytes, bytes.Length - 2), bytes[..^1], null })
            {
                if (changed is null)
                {
                    File.Delete(path);
                }
                else
                {
                    await File.WriteAllBytesAsync(path, changed, Token);
                }

                var findings = LedgerVerifier.Verify(target.Path, Trusted, Token).Findings;

                // The last newline of the two plain lists, and the list of keys where keys are given, say nothing.
                var harmless = name is "keys" or "origin" && (changed is null ? name == "keys" : changed.Length < bytes.Length);
                Assert.True(findings.Count > 0 || harmless, $"{name} changed and not found");
                await File.WriteAllBytesAsync(path, bytes, Token);
            }
        }

        Assert.Empty(LedgerVerifier.Verify(target.Path, Trusted, Token).Findings);
    }

    [Theory]
    [InlineData(DiskFault.Fail)]
    [InlineData(DiskFault.ShortWrite)]
    [InlineData(DiskFault.PowerLoss)]
    internal async Task A_fault_at_any_file_operation_leaves_a_copy_that_the_next_run_completes(DiskFault fault)
    {
        var (source, operations) = await SourceAsync(-1, fault);
        Export(source);
        var total = source.Operations - operations;
        Assert.True(total > 60, $"only {total} operations");
        for (var at = 0; at < total; at++)
        {
            var (disk, before) = await SourceAsync(operations + at, fault);
            Assert.Equal(operations, before);
            try
            {
                Export(disk);
            }
            catch (LedgerUnavailableException)
            {
                // What the fault is meant to cause.
            }

            var found = fault == DiskFault.PowerLoss ? disk.AfterPowerLoss() : disk.AfterProcessDeath();
            if (ExportManifest.ReadNewest(found, "/copy") is not null && AtomicFile.Read(found, "/copy/checkpoint", 100_000) is not null)
            {
                // Whatever a manifest already lists is whole, whenever the run was cut.
                Assert.DoesNotContain(
                    LedgerVerifier.FsckOn(found, "/copy", Trusted, Token).Findings, f => f.File.EndsWith(".seg", StringComparison.Ordinal) && f.Fault != LedgerFault.LengthWrong);
            }

            var report = Export(found);
            Assert.True(report.Size > 0, $"{fault} at {at} ({disk.Failed})");
            var verdict = LedgerVerifier.FsckOn(found, "/copy", Trusted, Token);
            Assert.True(verdict.IsSound && verdict.EntriesRead == report.Size, $"{fault} at {at} ({disk.Failed}): {string.Join("; ", verdict.Findings)}");
        }

        static ExportReport Export(SimulatedDisk disk) =>
            LedgerExport.Run(new ExportRequest { Source = "/log", Target = "/copy", Keys = [TestLog.Signer.Verifier], Files = disk }, Token);

        static async Task<(SimulatedDisk Disk, int Operations)> SourceAsync(int failAt, DiskFault fault)
        {
            var disk = new SimulatedDisk(7, failAt, fault);
            await using (var log = TestLog.Open("/log", Small with { Files = disk }))
            {
                for (var i = 0; i < 3; i++)
                {
                    await log.AppendAsync(new byte[60_000], Token);
                }
            }

            return (disk, disk.Operations);
        }
    }

    [Fact]
    public async Task Two_exports_do_not_write_one_copy()
    {
        using var source = new TempFolder();
        using var target = new TempFolder();
        await TestLog.CreateAsync(source.Path, 200, 800, Small);
        using var held = PhysicalFiles.Instance.Lock(target.Path, DateTimeOffset.UnixEpoch);
        Assert.Throws<LedgerLockedException>(() => Export(source, target));
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var changed = (byte[])[.. bytes];
        changed[at] ^= 1;
        return changed;
    }

    private static List<(string Name, long Length, DateTime Written)> Stamps(TempFolder folder) =>
    [
        .. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetRelativePath(folder.Path, f), new FileInfo(f).Length, File.GetLastWriteTimeUtc(f)))
            .Where(f => f.Item1 is not ("lock" or "writer")),
    ];
}
