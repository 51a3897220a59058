using System.Security.Cryptography;
using System.Text;
using Governance.Testing;

namespace Governance.Ledger.Tests;

public sealed class PayloadStoreTests
{
    private static readonly byte[] Fields = "the entry's other fields"u8.ToArray();
    private readonly LocalKeyEncryptionKey _key = LocalKeyEncryptionKey.Create();
    private readonly TestClock _clock = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    private PayloadStore Open(string folder, IKeyEncryptionKey? key = null) =>
        PayloadStore.Open(folder, new PayloadStoreOptions { KeyEncryptionKey = key ?? _key, Time = _clock });

    private static byte[] Subject(int i) => Encoding.UTF8.GetBytes($"subject-{i}");

    private static byte[] Plain(int i) => Encoding.UTF8.GetBytes($"income of subject {i} is {i * 1000}");

    [Fact]
    public void A_sealed_payload_opens_only_as_it_was_sealed()
    {
        using var folder = new TempFolder();
        SealedRecord record;
        using (var store = Open(folder.Path))
        {
            record = store.Seal(Subject(1), Plain(1), Fields);
            Assert.Equal(Plain(1), store.Open(record, Fields).Plaintext);
        }

        using var reopened = Open(folder.Path);
        Assert.Equal(new OpenedPayload(PayloadState.Opened, Plain(1)).Plaintext, reopened.Open(record, Fields).Plaintext);
        Assert.Equal(Plain(1), reopened.Open(record.KeyRef, Fields).Plaintext);
        Assert.Equal(PayloadState.Corrupt, reopened.Open(record, "other fields"u8).State);
        Assert.Equal(PayloadState.Corrupt, reopened.Open(record with { Commitment = record.CiphertextHash }, Fields).State);
        Assert.Equal(PayloadState.Corrupt, reopened.Open(record with { CiphertextHash = record.Commitment }, Fields).State);
        Assert.Equal(PayloadState.Missing, reopened.Open(new KeyRef(record.KeyRef.Value ^ 1), Fields).State);
        Assert.Equal(PayloadState.Missing, reopened.Open(new KeyRef(7), Fields).State);
    }

    [Fact]
    public void Erasing_destroys_one_subject_in_every_month_and_nobody_else()
    {
        using var folder = new TempFolder();
        using var before = new TempFolder();
        var records = new Dictionary<(int Subject, int Month), SealedRecord>();
        ErasureOutcome outcome;
        using (var store = Open(folder.Path))
        {
            for (var month = 0; month < 3; month++)
            {
                _clock.Now = new DateTimeOffset(2026, 9 + month, 3, 0, 0, 0, TimeSpan.Zero);
                for (var subject = 0; subject < 20; subject++)
                {
                    records[(subject, month)] = store.Seal(Subject(subject), Plain(subject), Fields);
                }
            }

            store.Flush();
            TestLog.Copy(folder.Path, before.Path);
            Assert.Equal(3, store.Find(Subject(7)).Count);
            outcome = store.Erase(Subject(7));
            Check(store);
        }

        var destroyed = Enumerable.Range(0, 3).Select(m => records[(7, m)].KeyRef).OrderBy(k => k.Value).Select(k => k.ToArray()).ToList();
        Assert.Equal((ErasureStatus.Erased, 3L), (outcome.Status, outcome.Count));
        Assert.Equal(new ReferenceTree(destroyed).Root(3), outcome.Root.ToArray());
        using (var reopened = Open(folder.Path))
        {
            Check(reopened);
            Assert.Empty(reopened.Find(Subject(7)));
            Assert.Equal(0, reopened.Erase(Subject(7)).Count);

            // Who returns gets a fresh generation: a new payload opens, the old ones stay gone.
            var again = reopened.Seal(Subject(7), Plain(7), Fields);
            Assert.Equal(Plain(7), reopened.Open(again, Fields).Plaintext);
            Assert.Single(reopened.Find(Subject(7)));
            Check(reopened);
            Assert.Equal(1, reopened.Erase(Subject(7)).Count);
            Assert.Equal(PayloadState.Erased, reopened.Open(again, Fields).State);
        }

        // The drill: with the payload files of an old backup under the present keys nothing comes back ...
        foreach (var month in Directory.GetDirectories(before.Path))
        {
            TestLog.Copy(month, folder.File(Path.GetFileName(month)));
        }

        using (var restored = Open(folder.Path))
        {
            Check(restored);
        }

        // ... and with the whole backup nothing opens once the key was rolled.
        using var rolled = LocalKeyEncryptionKey.Create();
        using (var store = Open(folder.Path))
        {
            store.Reseal(rolled);
        }

        Assert.Throws<LedgerDamagedException>(() => Open(before.Path, rolled));
        using var resealed = Open(folder.Path, rolled);
        Check(resealed);

        void Check(PayloadStore store) => Assert.All(records, r =>
        {
            var opened = store.Open(r.Value, Fields);
            Assert.Equal(r.Key.Subject == 7 ? PayloadState.Erased : PayloadState.Opened, opened.State);
        });
    }

    [Fact]
    public void A_held_or_restricted_subject_is_not_erased_until_released()
    {
        using var folder = new TempFolder();
        SealedRecord record;
        using (var store = Open(folder.Path))
        {
            record = store.Seal(Subject(1), Plain(1), Fields);
            store.PlaceHold(Subject(1), HoldKind.LegalHold, "case 4711");
            store.PlaceHold(Subject(1), HoldKind.Restriction, "request 12");
        }

        using var reopened = Open(folder.Path);
        var refused = reopened.Erase(Subject(1));
        Assert.Equal((ErasureStatus.Held, 0L), (refused.Status, refused.Count));
        Assert.Equal(["case 4711", "request 12"], refused.Holds);
        Assert.False(reopened.Expire(2026, 11));
        reopened.ReleaseHold(Subject(1), "case 4711");
        Assert.Equal(ErasureStatus.Held, reopened.Erase(Subject(1)).Status);
        Assert.Equal(Plain(1), reopened.Open(record, Fields).Plaintext);
        reopened.ReleaseHold(Subject(1), "request 12");
        Assert.Equal(1, reopened.Erase(Subject(1)).Count);
    }

    [Fact]
    public void Of_full_payload_files_only_those_used_last_stay_open_and_others_are_opened_to_be_read_or_erased()
    {
        var disk = new SimulatedDisk(1);
        using var store = PayloadStore.Open("/payloads", new PayloadStoreOptions { KeyEncryptionKey = _key, Time = _clock, Files = disk, MaximumSegmentBytes = 2048 });
        var records = Enumerable.Range(0, 900).Select(i => store.Seal(Subject(i % 3), Plain(i), Fields)).ToList();
        store.Flush();
        Assert.True(disk.ListFiles("/payloads/2026-11").Count(f => f.EndsWith(".pay", StringComparison.Ordinal)) > 60);
        MostAreClosed();

        Assert.All(records, (r, i) => Assert.Equal(Plain(i), store.Open(r, Fields).Plaintext));
        store.Bind(records[0].KeyRef, 17);
        Assert.Contains((records[0].KeyRef, 17L), store.Find(Subject(0)));
        Assert.Equal(300, store.Erase(Subject(1)).Count);
        MostAreClosed();
        Assert.All(records, (r, i) => Assert.Equal(i % 3 == 1 ? PayloadState.Erased : PayloadState.Opened, store.Open(r, Fields).State));

        // A full file gets its index, and is closed, in the background.
        void MostAreClosed() => Assert.True(SpinWait.SpinUntil(() => disk.OpenFiles <= 17, TimeSpan.FromSeconds(30)), $"{disk.OpenFiles} files are open");
    }

    [Fact]
    public void An_expired_month_is_gone_with_its_keys()
    {
        using var folder = new TempFolder();
        using var store = Open(folder.Path);
        var old = store.Seal(Subject(1), Plain(1), Fields);
        _clock.Now = _clock.Now.AddMonths(1);
        var fresh = store.Seal(Subject(1), Plain(1), Fields);
        Assert.True(store.Expire(2026, 11));
        Assert.Equal(PayloadState.Expired, store.Open(old, Fields).State);
        Assert.Equal(PayloadState.Opened, store.Open(fresh, Fields).State);
        Assert.False(Directory.Exists(folder.File("2026-11")));
    }

    [Fact]
    public void Neither_subject_nor_plaintext_nor_index_key_is_found_in_the_files()
    {
        using var folder = new TempFolder();
        using (var store = Open(folder.Path))
        {
            for (var i = 0; i < 50; i++)
            {
                store.Seal(Subject(i), Plain(i), Fields);
            }

            store.Erase(Subject(3));
        }

        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var text = Encoding.Latin1.GetString(File.ReadAllBytes(file));
            Assert.DoesNotContain("subject", text, StringComparison.Ordinal);
            Assert.DoesNotContain("income", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_changed_state_or_a_wrong_key_never_opens()
    {
        using var folder = new TempFolder();
        using (var store = Open(folder.Path))
        {
            store.Seal(Subject(1), Plain(1), Fields);
        }

        using var other = LocalKeyEncryptionKey.Create();
        Assert.Throws<LedgerDamagedException>(() => Open(folder.Path, other));
        var bytes = File.ReadAllBytes(folder.File("keys.state"));
        for (var at = 0; at < bytes.Length; at++)
        {
            var bent = bytes.ToArray();
            bent[at] ^= 4;
            File.WriteAllBytes(folder.File("keys.state"), bent);
            Assert.Throws<LedgerDamagedException>(() => Open(folder.Path));
        }

        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(folder.File("keys.state"), bytes[..length]);
            Assert.Throws<LedgerDamagedException>(() => Open(folder.Path));
        }

        File.WriteAllBytes(folder.File("keys.state"), bytes);
        File.WriteAllBytes(folder.File("keys.state.tmp"), bytes[..20]);
        using var whole = Open(folder.Path);
        Assert.Single(whole.Find(Subject(1)));
    }

    [Fact]
    public void A_flipped_byte_in_a_payload_file_is_never_opened_as_something_else()
    {
        using var folder = new TempFolder();
        SealedRecord record;
        using (var store = Open(folder.Path))
        {
            record = store.Seal(Subject(1), Plain(1), Fields);
        }

        var path = folder.File("2026-11/00000.pay");
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length; at++)
        {
            var bent = bytes.ToArray();
            bent[at] ^= 1;
            File.WriteAllBytes(path, bent);
            using var store = Open(folder.Path);
            var opened = store.Open(record, Fields);
            Assert.True(opened.State != PayloadState.Opened || opened.Plaintext.SequenceEqual(Plain(1)));
        }
    }

    [Fact]
    public void Two_stores_on_one_folder_are_refused_and_a_key_file_must_be_private()
    {
        using var folder = new TempFolder();
        using var store = Open(folder.Path);
        Assert.Throws<LedgerLockedException>(() => Open(folder.Path));
        var path = folder.File("kek");
        using (LocalKeyEncryptionKey.FromFile(path))
        {
            Assert.Equal(32, new FileInfo(path).Length);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Throws<LedgerUnavailableException>(() => LocalKeyEncryptionKey.FromFile(path));
        }
    }

    [Fact]
    public async Task Many_threads_seal_append_and_erase_at_once()
    {
        using var folder = new TempFolder();
        var records = new SealedRecord[8, 50];
        using (var store = Open(folder.File("payloads")))
        {
            await using var log = TestLog.Open(folder.File("log"), TestLog.Options with { Barrier = store });
            await Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    var record = store.Seal(Subject(w), Plain(i), Fields);
                    var result = await log.AppendAsync(record.KeyRef.ToArray(), TestContext.Current.CancellationToken);
                    store.Bind(record.KeyRef, result.FirstIndex);
                    records[w, i] = record;
                    if (w == 0 && i == 25)
                    {
                        Assert.Equal(26, store.Erase(Subject(0)).Count);
                    }
                }
            })));
            Assert.Equal(24, store.Find(Subject(0)).Count);
        }

        using var reopened = Open(folder.File("payloads"));
        for (var w = 0; w < 8; w++)
        {
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal(w == 0 && i <= 25 ? PayloadState.Erased : PayloadState.Opened, reopened.Open(records[w, i], Fields).State);
            }
        }

        using var reader = LedgerReader.Open(folder.File("log"));
        Assert.Equal(50, reopened.Find(Subject(5)).Count);
        Assert.All(reopened.Find(Subject(5)), f => Assert.Equal(f.KeyRef.ToArray(), reader.Read(f.LogIndex)));
    }
}
