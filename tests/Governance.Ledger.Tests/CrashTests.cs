using System.Globalization;

namespace Governance.Ledger.Tests;

/// <summary>
/// Real processes killed without warning while many tasks append: the next process finds every acknowledged entry and nothing that was not
/// appended. 8 rounds; GOVERNANCE_CRASH_ROUNDS sets another number.
/// </summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_killed_writer_loses_nothing_acknowledged()
    {
        using var folder = new CrashFolder();
        var rounds = int.Parse(Environment.GetEnvironmentVariable("GOVERNANCE_CRASH_ROUNDS") ?? "8", CultureInfo.InvariantCulture);
        var random = new Random(4711);
        for (var round = 0; round < rounds; round++)
        {
            await KillWriterAsync(folder, random.Next(1, 400));
            await folder.CheckAsync();
        }

        Assert.True(folder.Acknowledged > rounds);
    }

    /// <summary>Not a test: what the child process runs until it is killed.</summary>
    [Fact(Explicit = true)]
    public Task Writer() => CrashFolder.WriteAsync(tasks: 8, appends: int.MaxValue);

    private static async Task KillWriterAsync(CrashFolder folder, int afterLines)
    {
        using var child = LedgerChild.Start(folder.Path, $"{typeof(CrashTests).FullName}.{nameof(Writer)}");
        var seen = 0;
        while (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (folder.Take(line) && ++seen == afterLines)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(seen >= afterLines, $"the writer ended by itself after {seen} appends");
    }
}
