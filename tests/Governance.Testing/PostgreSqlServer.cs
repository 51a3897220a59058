using System.Diagnostics;
using System.Globalization;

namespace Governance.Testing;

/// <summary>
/// A PostgreSQL server of its own: initdb in a temporary folder, on loopback and a Unix socket, never as root. Made for tests: unless told
/// otherwise it does not flush to the disk. Thread-safe.
/// </summary>
public sealed class PostgreSqlServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly TempFolder folder;
    private int databases;

    private PostgreSqlServer(TempFolder folder, int port) => (this.folder, Port) = (folder, port);

    public int Port { get; }

    /// <summary>Where the server's programs are; null when the Debian package is not installed.</summary>
    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb")))
            .OrderByDescending(b => int.TryParse(Path.GetFileName(Path.GetDirectoryName(b)), CultureInfo.InvariantCulture, out var version) ? version : 0).FirstOrDefault()
        : null;

    /// <summary>Skips the calling test, saying what to install, where there is no server to start.</summary>
    public static void SkipUnlessInstalled() => Assert.SkipUnless(Programs is not null, "PostgreSQL is not installed: apt-get install postgresql");

    /// <param name="durable">Flushes before it acknowledges, and has memory to work with: for comparisons of speed.</param>
    public static PostgreSqlServer Start(bool durable = false)
    {
        var temporary = new TempFolder();
        var data = temporary.File("data");
        Directory.CreateDirectory(data);
        if (Environment.UserName == "root")
        {
            Run("chown", "-R", "postgres", temporary.Path);
        }

        AsServer("initdb", "--pgdata", data, "--auth=trust", "--username=admin", "--encoding=UTF8", "--locale=C", "--no-sync");
        var port = FreePort.Find();
        var options = string.Create(CultureInfo.InvariantCulture,
            $"-p {port} -k {temporary.Path} -c listen_addresses=127.0.0.1 -c max_connections=100 {(durable ? "-c shared_buffers=512MB -c max_wal_size=4GB" : "-c fsync=off -c shared_buffers=16MB")}");
        AsServer("pg_ctl", "--pgdata", data, "--log", temporary.File("log"), "--options", options, "--wait", "start");
        return new PostgreSqlServer(temporary, port);
    }

    /// <summary>The name of a database made just now; empty.</summary>
    /// <param name="owner">The role that owns it.</param>
    public string NewDatabase(string owner = "admin")
    {
        var name = "test" + Interlocked.Increment(ref databases).ToString(CultureInfo.InvariantCulture);
        Sql("postgres", "admin", $"create database {name} owner {owner}");
        return name;
    }

    /// <summary>Over the Unix socket.</summary>
    public string ConnectionString(string database, string user) =>
        string.Create(CultureInfo.InvariantCulture, $"Host={folder.Path};Port={Port};Database={database};Username={user};Timeout=10");

    /// <summary>Runs SQL with psql; stops at the first error. Returns what it printed, without headers.</summary>
    public string Sql(string database, string user, string sql) => Psql(database, user, "--command", sql);

    public string SqlFile(string database, string user, string path) => Psql(database, user, "--file", path);

    public void Dispose()
    {
        try
        {
            AsServer("pg_ctl", "--pgdata", folder.File("data"), "--mode=immediate", "--wait", "stop");
        }
        finally
        {
            folder.Dispose();
        }
    }

    private string Psql(string database, string user, params string[] what) => Run(
        Path.Combine(Programs!, "psql"),
        ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--host", folder.Path,
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--username", user, "--dbname", database, .. what]);

    private static void AsServer(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs!, program);
        if (Environment.UserName == "root")
        {
            Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments]);
        }
        else
        {
            Run(path, arguments);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end.");
        }

        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult().Trim()
            : throw new InvalidOperationException($"{Path.GetFileName(program)} failed: {error.GetAwaiter().GetResult()}");
    }
}
