using System.Diagnostics;
using System.Globalization;
using Governance.Ledger;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary><c>gov witness</c> as a process of its own, killed without warning: it never forgets what it cosigned and never cosigns a fork.</summary>
public sealed class WitnessProcessTests : IDisposable
{
    private const string Origin = "example.org/log";
    private readonly TempFolder folder = new();
    private readonly EcdsaNoteSigner signer = EcdsaNoteSigner.Create(Origin);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        signer.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task KilledAtAnyMoment_ItRemembers_AndRefusesAFork()
    {
        Assert.SkipUnless(Ed25519NoteSigner.IsSupported, "Ed25519 needs OpenSSL: apt-get install libssl3");
        var rounds = int.Parse(Environment.GetEnvironmentVariable("GOVERNANCE_CRASH_ROUNDS") ?? "4", CultureInfo.InvariantCulture);
        var random = new Random(17);
        await File.WriteAllTextAsync(folder.File("log.keys"), signer.Verifier + "\n", Token);
        await using var log = Open("log");
        await using var fork = Open("fork");
        await AppendAsync(fork, 1, "fork");
        var (promised, key) = (0L, "");
        for (var round = 0; round < rounds; round++)
        {
            using var witness = await StartAsync();
            Assert.True(key.Length == 0 || key == witness.Key, "the key changed");
            key = witness.Key;
            Assert.True(await SizeAsync(witness) >= promised, $"it forgot: cosigned {promised}");
            using var killed = new CancellationTokenSource();
            var killing = Task.Run(async () =>
            {
                await Task.Delay(random.Next(0, 60), Token);
                witness.Process.Kill();
                await witness.Process.WaitForExitAsync(Token);
            }, Token);
            while (!witness.Process.HasExited)
            {
                await AppendAsync(log, 1, "true");
                promised = await GrowAsync(witness, log) ?? promised;
            }

            await killing;
        }

        using var last = await StartAsync();
        await AppendAsync(log, 1, "true");
        Assert.Equal(log.Size, await GrowAsync(last, log));

        // Equivocation: a second history under the same key, shorter, as long, and longer than the first.
        var size = log.Size;
        foreach (var length in new[] { Math.Max(1, size / 2), size, size + 1 })
        {
            await AppendAsync(fork, (int)(length - fork.Size), "fork");
            Assert.Null(await GrowAsync(last, fork));
        }

        Assert.Single(Directory.GetFiles(folder.File("state"), "*.conflict"));
        await AppendAsync(log, 5, "true");
        Assert.Equal(log.Size, await GrowAsync(last, log));
        last.Process.Kill();
    }

    [Fact]
    public async Task ASecondProcess_AnUnknownLog_AndAnExposedKey_AreRefused()
    {
        Assert.SkipUnless(Ed25519NoteSigner.IsSupported, "Ed25519 needs OpenSSL: apt-get install libssl3");
        await File.WriteAllTextAsync(folder.File("log.keys"), signer.Verifier + "\n", Token);
        using var witness = await StartAsync();
        var second = await Gov.RunAsync(Arguments());
        Assert.Equal(ExitCodes.Conflict, second.ExitCode);
        Assert.Contains(witness.Process.Id.ToString(CultureInfo.InvariantCulture), second.Error, StringComparison.Ordinal);

        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) };
        using var http = new HttpClient(handler);
        using var get = await http.GetAsync(new Uri(witness.Address, "add-checkpoint"), Token);
        Assert.Equal(System.Net.HttpStatusCode.MethodNotAllowed, get.StatusCode);

        // It asks before it sends: a refusal closes the connection, and who still writes may see that first.
        using var much = new HttpRequestMessage(HttpMethod.Post, new Uri(witness.Address, "add-checkpoint")) { Content = new ByteArrayContent(new byte[1 << 20]) };
        much.Headers.ExpectContinue = true;
        using var large = await http.SendAsync(much, Token);
        Assert.Equal(System.Net.HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var elsewhere = await http.GetAsync(new Uri(witness.Address, "../etc/passwd"), Token);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, elsewhere.StatusCode);
        witness.Process.Kill();
        await witness.Process.WaitForExitAsync(Token);

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.File("witness.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
            var exposed = await Gov.RunAsync(Arguments());
            Assert.Equal(ExitCodes.Unavailable, exposed.ExitCode);
            Assert.Contains("chmod 600", exposed.Error, StringComparison.Ordinal);
        }
    }

    private static async Task AppendAsync(LedgerLog log, int count, string kind)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True((await log.AppendAsync(System.Text.Encoding.UTF8.GetBytes($"{kind} {log.Size}"), Token)).IsCommitted);
        }
    }

    // What the witness cosigned of this log now; null when it did not.
    private static async Task<long?> GrowAsync(Running witness, LedgerLog log)
    {
        var note = log.PublishCheckpoint();
        var size = Checkpoint.Parse(note.Text)!.Size;
        var old = 0L;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var reply = await witness.Client.AddCheckpointAsync(new AddCheckpointRequest(old, log.Reader.ProveConsistency(old, size), note), Token);
            if (reply.Status == WitnessStatus.Cosigned)
            {
                return size;
            }

            if (reply.Status != WitnessStatus.Stale || reply.Size > size)
            {
                return null;
            }

            old = reply.Size;
        }

        return null;
    }

    private async Task<long> SizeAsync(Running witness)
    {
        // A checkpoint with the wrong old size is answered with the size it has.
        var probe = new Checkpoint(Origin, long.MaxValue, MerkleTree.EmptyRoot).Sign(signer);
        var reply = await witness.Client.AddCheckpointAsync(new AddCheckpointRequest(long.MaxValue - 1, [], probe), Token);
        Assert.True(reply.Status == WitnessStatus.Stale, reply.ToString());
        return reply.Size;
    }

    private LedgerLog Open(string name) => LedgerLog.Open(folder.File(name), new LedgerOptions { Signers = [signer], CheckpointInterval = TimeSpan.FromMinutes(10) });

    private string[] Arguments() =>
    [
        "witness", "--name", "witness.test/w1", "--state", folder.File("state"), "--key", folder.File("witness.pem"), "--log", folder.File("log.keys"),
        "--listen", "http://127.0.0.1:0",
    ];

    private async Task<Running> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "gov.dll"), .. Arguments()])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync(Token);
        Assert.True(line is not null, line is null ? await process.StandardError.ReadToEndAsync(Token) : "");
        var words = line!.Split(' ');
        return new Running(process, words[1], new Uri(words[2] + "/"));
    }

    private sealed record Running(Process Process, string Key, Uri Address) : IDisposable
    {
        private readonly HttpClient http = new();

        public WitnessClient Client => new(http, Address, [NoteVerifier.Parse(Key)], TimeSpan.FromSeconds(20));

        public void Dispose()
        {
            if (!Process.HasExited)
            {
                Process.Kill();
            }

            Process.Dispose();
            http.Dispose();
        }
    }
}
