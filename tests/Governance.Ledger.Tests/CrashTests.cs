using System.Diagnostics;
using System.Globalization;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>
/// Real processes killed without warning while many tasks append: the next process finds every acknowledged entry and nothing that was not
/// appended. 8 rounds; GOVERNANCE_CRASH_ROUNDS sets another number.
/// </summary>
public sealed class CrashTests
{
    private const string FolderVariable = "GOVERNANCE_CRASH_FOLDER";
    private static readonly LedgerOptions Options = TestLog.Options with { MaximumSegmentBytes = 64 << 10, CheckpointInterval = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public async Task A_killed_writer_loses_nothing_acknowledged()
    {
        using var folder = new TempFolder();
        var rounds = int.Parse(Environment.GetEnvironmentVariable("GOVERNANCE_CRASH_ROUNDS") ?? "8", CultureInfo.InvariantCulture);
        var random = new Random(4711);
        var acknowledged = new Dictionary<long, string>();
        using var kek = LocalKeyEncryptionKey.FromFile(folder.File("kek"));
        File.WriteAllText(folder.File("key.pem"), TestLog.Signer.ExportPem());
        for (var round = 0; round < rounds; round++)
        {
            await KillWriterAsync(folder.Path, random.Next(1, 400), acknowledged);
            using var store = PayloadStore.Open(folder.File("payloads"), new PayloadStoreOptions { KeyEncryptionKey = kek });
            await using (var log = LedgerLog.Open(folder.File("log"), Options with { Barrier = store }))
            {
                var entries = log.Reader.ReadFrom(0).ToDictionary(e => e.Index, e => Split(e.Bytes.Span));
                Assert.All(acknowledged, a => Assert.Equal(a.Value, entries[a.Key].Name));
                Assert.All(entries.Values, e => Assert.Equal(PayloadState.Opened, store.Open(e.Record, []).State));
                Assert.Equal(entries.Count, entries.Values.Select(e => e.Name).Distinct(StringComparer.Ordinal).Count());
                Assert.True((await AppendAsync(log, store, $"check {round}")).IsCommitted);
            }

            Assert.Empty(LedgerVerifier.Fsck(folder.File("log"), new VerificationRequest(), TestContext.Current.CancellationToken).Findings);
        }

        Assert.True(acknowledged.Count > rounds);
    }

    /// <summary>Not a test: what the child process runs until it is killed.</summary>
    [Fact(Explicit = true)]
    public async Task Writer()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException(FolderVariable + " is not set");
        using var signer = EcdsaNoteSigner.FromPem(TestLog.Origin, await File.ReadAllTextAsync(Path.Combine(folder, "key.pem"), TestContext.Current.CancellationToken));
        using var kek = LocalKeyEncryptionKey.FromFile(Path.Combine(folder, "kek"));
        using var store = PayloadStore.Open(Path.Combine(folder, "payloads"), new PayloadStoreOptions { KeyEncryptionKey = kek });
        await using var log = LedgerLog.Open(Path.Combine(folder, "log"), Options with { Signers = [signer], Barrier = store });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.{writer}.{i}");
                var result = await AppendAsync(log, store, name);
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ack {result.FirstIndex} {name}"));
            }
        })));
    }

    private static async Task<AppendResult> AppendAsync(LedgerLog log, PayloadStore store, string name)
    {
        var text = System.Text.Encoding.ASCII.GetBytes(name);
        var record = store.Seal(text, text, []);
        return await log.AppendAsync(
            (byte[])[.. record.KeyRef.ToArray(), .. record.CiphertextHash.ToArray(), .. record.Commitment.ToArray(), .. text], CancellationToken.None);
    }

    private static (SealedRecord Record, string Name) Split(ReadOnlySpan<byte> entry) => (
        new SealedRecord(KeyRef.Read(entry), new MerkleHash(entry[16..]), new MerkleHash(entry[48..])),
        System.Text.Encoding.ASCII.GetString(entry[80..]));

    private static async Task KillWriterAsync(string folder, int afterLines, Dictionary<long, string> acknowledged)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(CrashTests).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null))
        {
            ArgumentList = { "-method", $"{typeof(CrashTests).FullName}.{nameof(Writer)}", "-explicit", "only" },
            Environment = { [FolderVariable] = folder },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var child = Process.Start(start)!;
        var seen = 0;
        while (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var parts = line.Split(' ');
            if (parts is not ["ack", var index, var name])
            {
                continue;
            }

            acknowledged.Add(long.Parse(index, CultureInfo.InvariantCulture), name);
            if (++seen == afterLines)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(seen >= afterLines, $"the writer ended by itself after {seen} appends");
    }
}
