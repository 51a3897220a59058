using System.Globalization;
using System.Text;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>A log and a payload store that child processes write to and this process checks after they ended, in whatever way.</summary>
internal sealed class CrashFolder : IDisposable
{
    private static readonly LedgerOptions Options = TestLog.Options with { MaximumSegmentBytes = 64 << 10, CheckpointInterval = TimeSpan.FromMilliseconds(5) };
    private readonly TempFolder _folder = new();
    private readonly Dictionary<long, string> _acknowledged = [];
    private readonly LocalKeyEncryptionKey _key;

    public CrashFolder()
    {
        _key = LocalKeyEncryptionKey.FromFile(_folder.File("kek"));
        System.IO.File.WriteAllText(_folder.File("key.pem"), TestLog.Signer.ExportPem());
    }

    public string Path => _folder.Path;

    public int Acknowledged => _acknowledged.Count;

    public string File(string name) => _folder.File(name);

    /// <summary>In the child: appends from several tasks, printing what was acknowledged, until one is refused or each has done its number.</summary>
    public static async Task WriteAsync(int tasks, int appends)
    {
        var folder = LedgerChild.Folder;
        using var signer = EcdsaNoteSigner.FromPem(TestLog.Origin, await System.IO.File.ReadAllTextAsync(System.IO.Path.Combine(folder, "key.pem")));
        using var kek = LocalKeyEncryptionKey.FromFile(System.IO.Path.Combine(folder, "kek"));
        using var store = PayloadStore.Open(System.IO.Path.Combine(folder, "payloads"), StoreOptions(kek));
        await using var log = LedgerLog.Open(System.IO.Path.Combine(folder, "log"), Options with { Signers = [signer], Barrier = store });
        await Task.WhenAll(Enumerable.Range(0, tasks).Select(task => Task.Run(async () =>
        {
            for (var i = 0; i < appends; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.{task}.{i}");
                var result = await AppendAsync(log, store, name);
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ack {result.FirstIndex} {result.Status} {name}"));
                if (!result.IsCommitted)
                {
                    break;
                }
            }
        })));
    }

    /// <summary>Takes a line that a child printed; true when it is an acknowledgement.</summary>
    public bool Take(string line)
    {
        // The runner may have set a colour before it.
        var at = Math.Max(0, line.IndexOf("ack ", StringComparison.Ordinal));
        if (line[at..].Split(' ') is not ["ack", var index, nameof(AppendStatus.Committed), var name])
        {
            return false;
        }

        _acknowledged.Add(long.Parse(index, CultureInfo.InvariantCulture), name);
        return true;
    }

    /// <summary>Opens, finds every acknowledged entry with its payload and none twice, appends, and verifies every byte.</summary>
    public async Task CheckAsync()
    {
        using var store = PayloadStore.Open(File("payloads"), StoreOptions(_key));
        await using (var log = LedgerLog.Open(File("log"), Options with { Barrier = store }))
        {
            var entries = log.Reader.ReadFrom(0).ToDictionary(e => e.Index, e => Split(e.Bytes.Span));
            Assert.All(_acknowledged, a => Assert.Equal(a.Value, entries[a.Key].Name));
            Assert.All(entries.Values, e => Assert.Equal(PayloadState.Opened, store.Open(e.Record, []).State));
            Assert.Equal(entries.Count, entries.Values.Select(e => e.Name).Distinct(StringComparer.Ordinal).Count());
            Assert.True((await AppendAsync(log, store, $"check {Guid.NewGuid()}")).IsCommitted);
        }

        Assert.Empty(LedgerVerifier.Fsck(File("log"), new VerificationRequest(), TestContext.Current.CancellationToken).Findings);
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private static PayloadStoreOptions StoreOptions(IKeyEncryptionKey key) => new() { KeyEncryptionKey = key, MaximumSegmentBytes = 64 << 10 };

    private static async Task<AppendResult> AppendAsync(LedgerLog log, PayloadStore store, string name)
    {
        var text = Encoding.ASCII.GetBytes(name);
        var record = store.Seal(text, text, []);
        return await log.AppendAsync(
            (byte[])[.. record.KeyRef.ToArray(), .. record.CiphertextHash.ToArray(), .. record.Commitment.ToArray(), .. text], CancellationToken.None);
    }

    private static (SealedRecord Record, string Name) Split(ReadOnlySpan<byte> entry) => (
        new SealedRecord(KeyRef.Read(entry), new MerkleHash(entry[16..]), new MerkleHash(entry[48..])),
        Encoding.ASCII.GetString(entry[80..]));
}
