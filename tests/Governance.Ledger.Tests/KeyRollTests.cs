using System.Text;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>From one key-encryption key to the next, in any vault, interrupted anywhere.</summary>
public sealed class KeyRollTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private readonly TempFolder folder = new();
    private readonly ManualTime time = new(Noon);

    private string Store => folder.File("payloads");

    private string State => Path.Combine(Store, "keys.state");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_roll_leaves_one_key_and_old_copies_of_the_state_open_under_none()
    {
        using var vault = new FileKeyVault(folder.File("keys"), "payloads");
        var record = Filled(vault, out var old);
        time.Advance(TimeSpan.FromDays(7));
        using (var store = PayloadKeyRoll.Open(Store, vault, time))
        {
            var (before, epoch) = (store.KeyId, store.KeyEpoch);
            var roll = new PayloadKeyRoll(store, vault);
            Assert.True(roll.Advance());
            Assert.Equal([before], roll.Leftovers());
            Assert.Equal([before], roll.Sweep());
            Assert.Empty(roll.Sweep());
            Assert.NotEqual(before, store.KeyId);
            Assert.Equal((epoch + 1, Noon.AddDays(7)), (store.KeyEpoch, store.KeySince));
        }

        var key = Assert.Single(Directory.GetFiles(folder.File("keys")));
        Assert.Equal("payloads-2.kek", Path.GetFileName(key));
        using (var reopened = new FileKeyVault(folder.File("keys"), "payloads"))
        using (var store = PayloadKeyRoll.Open(Store, reopened, time))
        {
            Assert.Equal(PayloadState.Opened, store.Open(record, default).State);
        }

        // The drill: the oldest backup, under every key there is.
        File.WriteAllBytes(State, old);
        File.Delete(Path.Combine(Store, "keys.epoch"));
        Assert.Throws<LedgerDamagedException>(() => PayloadKeyRoll.Open(Store, vault, time));
    }

    [Fact]
    public void A_roll_that_stopped_before_the_old_key_was_destroyed_is_finished()
    {
        string old;
        using (var vault = new FileKeyVault(folder.File("keys"), "payloads"))
        {
            Filled(vault, out _);
            using var store = PayloadKeyRoll.Open(Store, vault, time);
            old = store.KeyId;
            Assert.True(new PayloadKeyRoll(store, vault).Advance());
        }

        using var again = new FileKeyVault(folder.File("keys"), "payloads");
        using var reopened = PayloadKeyRoll.Open(Store, again, time);
        Assert.Equal([old], new PayloadKeyRoll(reopened, again).Sweep());
        Assert.Equal(reopened.KeyId, Assert.Single(again.Keys()).Id);
    }

    [Fact]
    public void A_key_that_was_made_and_never_sealed_with_is_taken_by_the_next_roll()
    {
        using var vault = new FileKeyVault(folder.File("keys"), "payloads");
        Filled(vault, out _);
        var made = vault.Create().Id;
        using var store = PayloadKeyRoll.Open(Store, vault, time);
        Assert.NotEqual(made, store.KeyId);
        Assert.True(new PayloadKeyRoll(store, vault).Advance());
        Assert.Equal(made, store.KeyId);
    }

    [Fact]
    public void Nothing_is_destroyed_while_the_state_on_disk_is_not_the_present_one()
    {
        using var vault = new FileKeyVault(folder.File("keys"), "payloads");
        Filled(vault, out var old);
        using var store = PayloadKeyRoll.Open(Store, vault, time);
        var roll = new PayloadKeyRoll(store, vault);
        roll.Advance();
        File.WriteAllBytes(State, old);
        Assert.Throws<LedgerDamagedException>(roll.Sweep);
        Assert.Equal(2, vault.Keys().Count);
    }

    [Fact]
    public void A_vault_that_fails_in_the_middle_leaves_the_old_key_named_and_the_store_at_work()
    {
        using var key = LocalKeyEncryptionKey.Create();
        using var store = PayloadStore.Open(Store, new PayloadStoreOptions { KeyEncryptionKey = key, Time = time });
        Assert.Throws<LedgerUnavailableException>(() => store.Reseal(new Unreachable()));
        Assert.Equal(key.Id, store.KeyId);
        var record = store.Seal("s"u8, "plain"u8, default);
        store.PlaceHold("s"u8, HoldKind.LegalHold, "case");
        Assert.Equal(PayloadState.Opened, store.Open(record, default).State);
    }

    [Fact]
    public void An_older_state_put_back_under_the_same_key_is_refused()
    {
        using var vault = new FileKeyVault(folder.File("keys"), "payloads");
        Filled(vault, out var old);
        using (var store = PayloadKeyRoll.Open(Store, vault, time))
        {
            Assert.Equal(1, store.Erase("s"u8).Count);
        }

        File.WriteAllBytes(State, old);
        Assert.Contains("older copy", Assert.Throws<LedgerDamagedException>(() => PayloadKeyRoll.Open(Store, vault, time)).Message, StringComparison.Ordinal);
        File.Delete(State);
        Assert.Throws<LedgerDamagedException>(() => PayloadKeyRoll.Open(Store, vault, time));
    }

    /// <summary>Every file operation of a re-seal fails in turn, in three ways: the state opens under one of the two keys, and nothing is lost.</summary>
    [Theory]
    [InlineData(DiskFault.Fail)]
    [InlineData(DiskFault.ShortWrite)]
    [InlineData(DiskFault.PowerLoss)]
    internal void A_half_written_seal_never_loses_the_previous_one(DiskFault fault)
    {
        using var first = LocalKeyEncryptionKey.Create();
        using var second = LocalKeyEncryptionKey.Create();
        PayloadStoreOptions Options(SimulatedDisk disk) => new() { KeyEncryptionKey = first, EarlierKeys = [second], Files = disk, Time = time, Ahead = TestLog.Ahead };
        (SealedRecord Record, bool Resealed) Work(SimulatedDisk disk, ref int begins)
        {
            using var store = PayloadStore.Open("/p", Options(disk));
            var record = store.Seal("s"u8, "plain"u8, default);
            store.Flush();
            begins = disk.Operations;
            try
            {
                store.Reseal(second);
                return (record, true);
            }
            catch (LedgerUnavailableException)
            {
                return (record, false);
            }
        }

        var from = 0;
        var calm = new SimulatedDisk(1);
        Work(calm, ref from);
        Assert.True(calm.Operations - from >= 8, $"A re-seal is {calm.Operations - from} operations.");
        for (var failAt = from; failAt < calm.Operations; failAt++)
        {
            var begins = 0;
            var disk = new SimulatedDisk(failAt, failAt, fault);
            var (record, resealed) = Work(disk, ref begins);
            var found = fault == DiskFault.PowerLoss ? disk.AfterPowerLoss() : disk.AfterProcessDeath();
            using var store = PayloadStore.Open("/p", Options(found));
            Assert.Equal("plain"u8, store.Open(record, default).Plaintext);
            Assert.True(!resealed || store.KeyId == second.Id, disk.Failed);
            store.Reseal(first);
            Assert.Equal(first.Id, store.KeyId);
        }
    }

    [Fact]
    public void Injected_keys_are_versioned_and_the_agent_withdraws_the_old_one()
    {
        var path = folder.File("injected");
        var (one, two) = (Key(1), Key(2));
        Give(path, $"1:{one}\n");
        using var vault = InjectedKeyVault.FromFile(path);
        var record = Filled(vault, out _);
        using var store = PayloadKeyRoll.Open(Store, vault, time);
        var roll = new PayloadKeyRoll(store, vault);
        var first = store.KeyId;
        Assert.StartsWith("injected-v1-", first, StringComparison.Ordinal);
        Assert.False(roll.Advance());

        Give(path, $"2:{two} 1:{one}\n");
        Assert.True(roll.Advance());
        Assert.Empty(roll.Sweep());
        Assert.Equal([first], roll.Leftovers());
        Give(path, $"2:{two}\n");
        Assert.Empty(roll.Leftovers());
        Assert.Equal(PayloadState.Opened, store.Open(record, default).State);

        Give(path, $"2:{one}\n");
        Assert.Throws<LedgerUnavailableException>(() => roll.Leftovers());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1:")]
    [InlineData("1:short")]
    [InlineData("0:KEY")]
    [InlineData("KEY")]
    [InlineData("1:KEY 1:KEY")]
    [InlineData("1:KEY 2:KEYKEY")]
    public void What_is_not_a_key_is_refused_without_being_repeated(string given)
    {
        var path = folder.File("injected");
        Give(path, given.Replace("KEY", Key(7), StringComparison.Ordinal));
        using var vault = InjectedKeyVault.FromFile(path);
        Assert.DoesNotContain(Key(7)[..8], Assert.Throws<LedgerUnavailableException>(() => vault.Keys()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_injected_file_that_others_can_read_is_refused()
    {
        var path = folder.File("injected");
        Give(path, "1:" + Key(1));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            using var vault = InjectedKeyVault.FromFile(path);
            Assert.Throws<LedgerUnavailableException>(() => vault.Keys());
        }
    }

    private static string Key(byte fill) => Convert.ToBase64String(Enumerable.Repeat(fill, 32).ToArray());

    private static void Give(string path, string text)
    {
        File.WriteAllText(path, text, Encoding.ASCII);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Seals one payload; the state as a backup would have it then.</summary>
    private SealedRecord Filled(IKeyVault vault, out byte[] state)
    {
        using var store = PayloadKeyRoll.Open(Store, vault, time);
        var record = store.Seal("s"u8, "plain"u8, default);
        store.Flush();
        state = File.ReadAllBytes(State);
        return record;
    }

    private sealed class Unreachable : IKeyEncryptionKey
    {
        public string Id => "unreachable";

        public byte[] Wrap(ReadOnlySpan<byte> dataKey) => throw new LedgerUnavailableException("The vault does not answer.");

        public bool TryUnwrap(ReadOnlySpan<byte> wrapped, Span<byte> dataKey) => false;
    }
}
