using System.Text;

namespace Governance.Ledger.Tests;

/// <summary>Small conveniences shared by the tests of the log.</summary>
internal static class TestLog
{
    public const string Origin = "example.test/governance";

    public static EcdsaNoteSigner Signer { get; } = EcdsaNoteSigner.Create(Origin);

    /// <summary>Few zeros ahead, so that they are used up and written again and again.</summary>
    public const int Ahead = 4 << 10;

    public static LedgerOptions Options { get; } = new() { Signers = [Signer], CheckpointInterval = TimeSpan.FromMinutes(10), Ahead = Ahead };

    public static LedgerLog Open(string folder, LedgerOptions? options = null) => LedgerLog.Open(folder, options ?? Options);

    public static byte[] Entry(long i, int padding = 0) => Encoding.UTF8.GetBytes($"entry {i} " + new string('x', padding));

    public static async Task AppendAsync(this LedgerLog log, int count, int padding = 0)
    {
        // A few at a time share a flush; each is a call of its own.
        foreach (var some in Enumerable.Range(0, count).Select(i => log.Size + i).ToArray().Chunk(8))
        {
            var appends = some.Select(i => log.AppendAsync(Entry(i, padding), TestContext.Current.CancellationToken).AsTask()).ToArray();
            Assert.All(await Task.WhenAll(appends), r => Assert.True(r.IsCommitted, r.ToString()));
        }
    }

    public static async Task<string> CreateAsync(string folder, int count, int padding = 0, LedgerOptions? options = null)
    {
        await using var log = Open(folder, options);
        await log.AppendAsync(count, padding);
        return folder;
    }

    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
