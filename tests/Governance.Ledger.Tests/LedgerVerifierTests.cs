using Governance.Testing;

namespace Governance.Ledger.Tests;

public sealed class LedgerVerifierTests
{
    private static readonly VerificationRequest Trusted = new() { Keys = [TestLog.Signer.Verifier] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static VerificationReport Fsck(string folder, VerificationRequest? request = null) => LedgerVerifier.Fsck(folder, request ?? Trusted, Token);

    [Fact]
    public async Task A_sound_log_has_no_findings_and_says_whose_keys_it_relied_on()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 400, 800, TestLog.Options with { MaximumSegmentBytes = 64 << 10 });
        Assert.True(Directory.GetFiles(folder.File("segments"), "*.seal").Length >= 3);
        foreach (var request in new[] { Trusted, new VerificationRequest() })
        {
            foreach (var report in new[] { LedgerVerifier.Verify(folder.Path, request, Token), Fsck(folder.Path, request) })
            {
                Assert.Empty(report.Findings);
                Assert.Equal(400, report.Checkpoint?.Size);
                Assert.Equal(request.Keys.Count > 0 ? KeySource.Given : KeySource.Folder, report.Keys);
            }
        }

        Assert.Equal(400, Fsck(folder.Path).EntriesRead);
    }

    [Fact]
    public async Task Every_flipped_byte_of_every_file_is_found_in_its_place()
    {
        using var folder = new TempFolder();
        await using (var log = TestLog.Open(folder.Path, TestLog.Options with { MaximumSegmentBytes = 64 << 10 }))
        {
            await log.AppendAsync(3);
            await log.AppendAsync([TestLog.Entry(3), TestLog.Entry(4)], Token);

            // Fill the segment so that a second one begins, then keep the copy small by trimming nothing: the filler is one large entry.
            await log.AppendAsync(new byte[65_000], Token);
            await log.AppendAsync(4, padding: 20);
        }

        Assert.Empty(Fsck(folder.Path).Findings);
        foreach (var path in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder.Path, path);
            if (name is "lock" or "writer")
            {
                continue;
            }

            var bytes = await File.ReadAllBytesAsync(path, Token);
            for (var at = 0; at < bytes.Length; at += at is > 300 and < 64_900 ? 997 : 1)
            {
                bytes[at] ^= 0x01;
                await File.WriteAllBytesAsync(path, bytes, Token);
                bytes[at] ^= 0x01;
                var findings = Fsck(folder.Path).Findings;
                Assert.True(findings.Count > 0, $"{name} byte {at} was not found");
                var located = findings.Any(f => f.File == name
                    && (f.Offset is null || (f.Offset <= at && at < f.Offset + Math.Max(f.Length ?? 1, 1))));
                Assert.True(located || name is "keys" or "origin", $"{name} byte {at}: {findings[0]}");
            }

            await File.WriteAllBytesAsync(path, bytes, Token);
        }
    }

    [Fact]
    public async Task A_rewritten_entry_is_found_even_when_frame_offsets_and_tree_are_made_to_agree()
    {
        using var folder = new TempFolder();
        using var forged = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 20);
        await using (var log = TestLog.Open(forged.Path))
        {
            for (var i = 0; i < 20; i++)
            {
                await log.AppendAsync(TestLog.Entry(i == 7 ? 70 : i), Token);
            }
        }

        // The forger has everything but the key: the genuine checkpoint goes back in place.
        File.Copy(folder.File("checkpoint"), forged.File("checkpoint"), overwrite: true);
        Assert.Contains(Fsck(forged.Path).Findings, f => f.Fault == LedgerFault.RootMismatch);
        Assert.Contains(LedgerVerifier.Verify(forged.Path, Trusted, Token).Findings, f => f.Fault == LedgerFault.RootMismatch);
    }

    [Fact]
    public async Task Rollback_and_rewriting_are_found_against_a_saved_checkpoint()
    {
        using var folder = new TempFolder();
        using var older = new TempFolder();
        using var other = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 10);
        TestLog.Copy(folder.Path, older.Path);
        await TestLog.CreateAsync(folder.Path, 5);
        await TestLog.CreateAsync(other.Path, 30, padding: 1);
        var saved = await File.ReadAllBytesAsync(folder.File("checkpoint"), Token);
        var request = Trusted with { SavedCheckpoints = [saved] };

        var rolledBack = LedgerVerifier.Verify(older.Path, request, Token).Findings;
        Assert.Equal(LedgerFault.Inconsistent, Assert.Single(rolledBack).Fault);
        Assert.Contains("rolled back", rolledBack[0].Message, StringComparison.Ordinal);
        var rewritten = LedgerVerifier.Verify(other.Path, request, Token).Findings;
        Assert.Contains("rewritten", Assert.Single(rewritten).Message, StringComparison.Ordinal);

        await TestLog.CreateAsync(folder.Path, 100);
        Assert.Empty(LedgerVerifier.Verify(folder.Path, request, Token).Findings);
    }

    [Fact]
    public async Task Receipts_are_checked_against_key_entry_and_log()
    {
        using var folder = new TempFolder();
        using var other = new TempFolder();
        byte[] receipt;
        await using (var log = TestLog.Open(folder.Path))
        {
            await log.AppendAsync(6);
            log.PublishCheckpoint();
            receipt = log.Reader.Receipt(2)!.ToBytes();
            await log.AppendAsync(9);
        }

        await TestLog.CreateAsync(other.Path, 20, padding: 2);
        VerificationReport Check(string path, byte[] bytes, byte[] entry) =>
            LedgerVerifier.Verify(path, Trusted with { Receipts = [(bytes, entry)] }, Token);
        Assert.Empty(Check(folder.Path, receipt, TestLog.Entry(2)).Findings);
        Assert.Equal(LedgerFault.ReceiptInvalid, Assert.Single(Check(folder.Path, receipt, TestLog.Entry(3)).Findings).Fault);
        Assert.Equal(LedgerFault.Inconsistent, Assert.Single(Check(other.Path, receipt, TestLog.Entry(2)).Findings).Fault);
        for (var at = 0; at < receipt.Length; at++)
        {
            receipt[at] ^= 1;
            Assert.NotEmpty(Check(folder.Path, receipt, TestLog.Entry(2)).Findings);
            receipt[at] ^= 1;
        }
    }

    [Fact]
    public async Task Swapped_duplicated_and_lost_segments_are_found()
    {
        using var folder = new TempFolder();
        await TestLog.CreateAsync(folder.Path, 400, 800, TestLog.Options with { MaximumSegmentBytes = 64 << 10 });
        var segments = Directory.GetFiles(folder.File("segments"), "*.seg").Order(StringComparer.Ordinal).ToArray();
        void Trial(Action<string[]> tamper)
        {
            using var trial = new TempFolder();
            TestLog.Copy(folder.Path, trial.Path);
            tamper([.. segments.Select(s => trial.File(Path.GetRelativePath(folder.Path, s)))]);
            var findings = Fsck(trial.Path).Findings;
            Assert.NotEmpty(findings);
            Assert.All(findings, f => Assert.NotEmpty(f.File));
        }

        Trial(s => File.Delete(s[1]));
        Trial(s => File.Delete(s[^1]));
        Trial(s => File.Copy(s[1], s[2], overwrite: true));
        Trial(s =>
        {
            File.Move(s[1], s[1] + "x");
            File.Move(s[2], s[1]);
            File.Move(s[1] + "x", s[2]);
        });
        Trial(s => File.AppendAllBytes(s[1], File.ReadAllBytes(s[2])[32..]));
    }

    [Fact]
    public async Task Payloads_named_by_entries_are_live_and_unchanged_or_erased_or_reported()
    {
        using var folder = new TempFolder();
        using var key = LocalKeyEncryptionKey.Create();
        ErasureOutcome erased;
        using (var store = PayloadStore.Open(folder.File("payloads"), new PayloadStoreOptions { KeyEncryptionKey = key }))
        {
            await using var log = TestLog.Open(folder.File("log"), TestLog.Options with { Barrier = store });
            for (var i = 0; i < 10; i++)
            {
                var record = store.Seal([(byte)(i % 3)], TestLog.Entry(i), []);
                await log.AppendAsync((byte[])[.. record.KeyRef.ToArray(), .. record.CiphertextHash.ToArray()], Token);
            }

            erased = store.Erase([1]);
            Assert.Equal(3, erased.Count);
        }

        var request = Trusted with
        {
            PayloadFolder = folder.File("payloads"),
            PayloadsOf = e => [new SealedRecord(KeyRef.Read(e.Bytes.Span), new MerkleHash(e.Bytes.Span[16..]), default)],
        };
        var report = Fsck(folder.File("log"), request);
        Assert.Empty(report.Findings);
        Assert.Equal(new PayloadCounts(7, 3, 0, 0), report.Payloads);

        // The completeness of an erasure: its entry must state exactly the tombstones, and no tombstone may be without an entry.
        IReadOnlyList<LedgerFinding> WithErasure(params ErasureRecord[] recorded) =>
            Fsck(folder.File("log"), request with { ErasuresOf = e => e.Index == 9 ? recorded : [] }).Findings;
        Assert.Empty(WithErasure(new ErasureRecord(erased.Id, erased.Count, erased.Root)));
        Assert.Contains("no entry records", Assert.Single(WithErasure()).Message, StringComparison.Ordinal);
        Assert.Contains("other payloads", Assert.Single(WithErasure(new ErasureRecord(erased.Id, 3, MerkleTree.EmptyRoot))).Message, StringComparison.Ordinal);
        Assert.Contains("other payloads", Assert.Single(WithErasure(new ErasureRecord(erased.Id, 2, erased.Root))).Message, StringComparison.Ordinal);

        var path = Directory.GetFiles(folder.File("payloads"), "*.pay", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[70] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        var finding = Assert.Single(Fsck(folder.File("log"), request).Findings);
        Assert.Equal((LedgerFault.PayloadWrong, 0L), (finding.Fault, finding.EntryIndex));
        var old = Fsck(folder.File("log"), request with { IsExpired = e => e.Index == 0 });
        Assert.Empty(old.Findings);
        Assert.Equal(new PayloadCounts(6, 3, 1, 0), old.Payloads);
    }

    [Fact]
    public void A_folder_that_is_no_ledger_is_a_finding_and_not_a_crash()
    {
        using var folder = new TempFolder();
        Assert.NotEmpty(Fsck(folder.Path).Findings);
        Assert.NotEmpty(LedgerVerifier.Verify(folder.Path, new VerificationRequest(), Token).Findings);
    }
}
