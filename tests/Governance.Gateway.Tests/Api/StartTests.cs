using System.Diagnostics;
using Governance.Gateway.Identity;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>A gateway that cannot do its work does not start, and says why in a line an operator can act on.</summary>
public sealed class StartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_type_error_in_a_policy_is_shown_with_line_column_and_caret()
    {
        using var folder = new TempFolder();
        var policy = CopyPolicy(folder, "release.yaml", text => text.Replace("expression: audit.verified", "expression: audit.verified + 1", StringComparison.Ordinal));

        var (exit, error) = await RunAsync("--data", folder.File("data"), "--policy", policy);

        Assert.Equal(StartupRefusedException.ExitCode, exit);
        Assert.Equal(78, exit);
        var lines = error.Split('\n');
        var line = Array.FindIndex(await File.ReadAllLinesAsync(Path.Combine(policy, "release.yaml"), Token), l => l.Contains("audit.verified + 1", StringComparison.Ordinal)) + 1;
        Assert.Contains(lines, l => System.Text.RegularExpressions.Regex.IsMatch(l, $@"release\.yaml:{line}:\d+"));
        Assert.Contains(lines, l => l.Contains("audit.verified + 1", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.TrimEnd().EndsWith('^'));
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("data")));
    }

    [Fact]
    public async Task A_policy_folder_that_is_not_there_is_named()
    {
        using var folder = new TempFolder();
        var (exit, error) = await RunAsync("--data", folder.File("data"), "--policy", folder.File("nothing"));
        Assert.Equal(78, exit);
        Assert.StartsWith("governance: Gateway:PolicyFolder: there is no folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_gateway_on_the_folder_is_refused_and_the_first_goes_on()
    {
        using var folder = new TempFolder();
        await using var first = await TestGateway.StartAsync(folder.Path);

        var (exit, error) = await RunAsync("--data", folder.Path);
        Assert.Equal(75, exit);
        Assert.Contains("Only one writer is allowed", error, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), error, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LedgerLockedException>(() => TestGateway.StartAsync(folder.Path));

        (await first.PostAsync("/api/v1/models", Lender.Registration("still"), "dana")).MustBe(System.Net.HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_read_only_folder_is_refused()
    {
        using var disk = SmallDisk.Mount("1m");
        await using (await TestGateway.StartAsync(disk.Path))
        {
        }

        disk.MakeReadOnly();
        var (exit, error) = await RunAsync("--data", disk.Path);
        Assert.Equal(75, exit);
        Assert.StartsWith("governance: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_refused()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("file"), "in the way", Token);
        var (exit, error) = await RunAsync("--data", folder.File("file"));
        Assert.Equal(75, exit);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evidence.pem")]
    [InlineData("governance-log.pem")]
    public async Task A_key_that_others_can_read_or_that_is_none_is_refused(string key)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("File modes are POSIX's");
            return;
        }

        using var folder = new TempFolder();
        await using (await TestGateway.StartAsync(folder.Path))
        {
        }

        var path = folder.File(Path.Combine("keys", key));
        var mode = File.GetUnixFileMode(path);
        File.SetUnixFileMode(path, mode | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var (exit, error) = await RunAsync("--data", folder.Path);
        Assert.True(exit is 75 or 78, error);
        Assert.Contains(key, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);

        File.SetUnixFileMode(path, mode);
        await File.WriteAllTextAsync(path, "no key", Token);
        (exit, error) = await RunAsync("--data", folder.Path);
        Assert.True(exit is 75 or 78, error);
        Assert.Contains(key, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_with_a_changed_byte_is_not_opened()
    {
        using var folder = new TempFolder();
        await using (var gateway = await TestGateway.StartAsync(folder.Path))
        {
            await gateway.PostAsync("/api/v1/models", Lender.Registration("a-model"), "dana");
        }

        var segment = Directory.EnumerateFiles(folder.File(Path.Combine("ledger", "governance", "segments")), "*.seg").Single();
        var bytes = await File.ReadAllBytesAsync(segment, Token);
        bytes[bytes.AsSpan().IndexOf("a-model"u8)] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Token);

        var (exit, error) = await RunAsync("--data", folder.Path);
        Assert.Equal(65, exit);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static string CopyPolicy(TempFolder folder, string file, Func<string, string> change)
    {
        var to = folder.File("policy");
        Directory.CreateDirectory(to);
        foreach (var source in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "policies", "starter"), "*.yaml"))
        {
            var text = File.ReadAllText(source);
            var changed = Path.GetFileName(source) == file ? change(text) : text;
            Assert.True(Path.GetFileName(source) != file || changed != text);
            File.WriteAllText(Path.Combine(to, Path.GetFileName(source)), changed);
        }

        return to;
    }

    private static Task<(int Exit, string Error)> RunAsync(params string[] arguments) =>
        GatewayProgram.RunAsync("Development", ["--urls", "http://127.0.0.1:0", .. arguments], Token);
}
