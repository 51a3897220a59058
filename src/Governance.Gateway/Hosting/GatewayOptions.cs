using System.Text.RegularExpressions;
using Governance.Gateway.Inference.Protection;
using Governance.Serving.Upstreams;

namespace Governance.Gateway.Hosting;

/// <summary>Settings of the gateway: section <c>Gateway</c> of the configuration, checked at start.</summary>
public sealed partial class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Folder of everything the gateway keeps. Default <c>.data</c>; <c>--data DIR</c> for short.</summary>
    public string DataFolder { get; set; } = ".data";

    /// <summary>Folder of the policy pack in force. Default: the starter pack shipped beside the program; <c>--policy DIR</c> for short.</summary>
    public string PolicyFolder { get; set; } = Path.Combine(AppContext.BaseDirectory, "policies", "starter");

    /// <summary>Name of this installation's logs: a schema-less URL. Default <c>governance.local</c>.</summary>
    public string Origin { get; set; } = "governance.local";

    /// <summary>File with the witnesses of the logs (C2SP tlog-policy); empty for none. Those with an address are asked to cosign.</summary>
    public string WitnessPolicy { get; set; } = "";

    /// <summary>
    /// Where the governance log is: <c>Files</c> (default, one node), <c>PostgreSql</c> or <c>SqlServer</c> (several nodes). The connection string is
    /// <c>ConnectionStrings:Governance</c>. See docs/operations/database.md.
    /// </summary>
    public StoreKind Store { get; set; } = StoreKind.Files;

    /// <summary>Name of this node among several: 1 to 40 lower-case letters, digits and hyphens. Names its inference log; kept for the life of its data folder.</summary>
    public string? Replica { get; set; }

    /// <summary>
    /// Where the other nodes reach this one, to pass on requests that it has answered: <c>https://a.gateways.bank:8443</c>. Callers' tokens are sent there, so
    /// without TLS only on loopback. Default: nowhere; then such a request is answered by this node alone.
    /// </summary>
    public Uri? NodeAddress { get; set; }

    /// <summary>Folder of model files, datasets, evidence and reports; shared by several nodes. Default: <c>artifacts</c> in the data folder.</summary>
    public string? ArtifactFolder { get; set; }

    /// <summary>
    /// How long a node goes on answering without reaching a shared governance log: after that a stop or suspension might have been recorded that it cannot
    /// see. 5 seconds to 1 day; default 5 minutes.
    /// </summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Largest JSON request, in bytes. Default 4 MiB.</summary>
    public long MaxJsonBytes { get; set; } = 4L << 20;

    /// <summary>Largest model file, in bytes. Default 256 MiB.</summary>
    public long MaxModelBytes { get; set; } = 256L << 20;

    /// <summary>Largest dataset file, in bytes. Default 1 GiB.</summary>
    public long MaxDatasetBytes { get; set; } = 1L << 30;

    /// <summary>Largest document attached to a version, in bytes. Default 32 MiB.</summary>
    public long MaxDocumentBytes { get; set; } = 32L << 20;

    /// <summary>Most rows in one inference request. Default 1,000.</summary>
    public int MaxInferenceRows { get; set; } = 1000;

    /// <summary>Most models in memory for answering, 1 to 10,000. Default 64.</summary>
    public int MaxLoadedModels { get; set; } = 64;

    /// <summary>Servers that score for routes, by name. Default none.</summary>
    public IDictionary<string, UpstreamOptions> Upstreams { get; init; } = new Dictionary<string, UpstreamOptions>(StringComparer.Ordinal);

    /// <summary>What the gateway takes before it sheds.</summary>
    public ProtectionOptions Protection { get; set; } = new();

    /// <summary>Where checks run.</summary>
    public Runs.JobsOptions Jobs { get; set; } = new();

    /// <summary>When the calendar's work runs.</summary>
    public Schedules.SchedulesOptions Schedules { get; set; } = new();

    /// <summary>Where metrics and traces are sent. Default: nowhere.</summary>
    public Watching.TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>Who is told what happens, by name. Default: nobody. See docs/operations/monitoring.md.</summary>
    public Dictionary<string, Notifications.WebhookOptions> Webhooks { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Where routes may send copies of answered requests, by name. Default: nowhere. See docs/serving.md.</summary>
    public Dictionary<string, Exports.PayloadSinkOptions> PayloadSinks { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Everything wrong with the settings, each naming its key.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(DataFolder))
        {
            yield return "Gateway:DataFolder must name a folder.";
        }

        if (!Enum.IsDefined(Store))
        {
            yield return "Gateway:Store is Files, PostgreSql or SqlServer.";
        }

        if (Replica is not null && !IsReplicaName(Replica))
        {
            yield return "Gateway:Replica is 1 to 40 lower-case letters, digits and hyphens.";
        }

        if (Store != StoreKind.Files && (Replica is null || ArtifactFolder is null))
        {
            yield return "Gateway:Replica and Gateway:ArtifactFolder are needed when several nodes share the governance log: a name for this one, and a folder all of them see.";
        }

        if (NodeAddress is { } address && !IsNodeAddress(address))
        {
            yield return "Gateway:NodeAddress is an https address of this node, without user, path and query; http is for loopback.";
        }

        if (MaxStaleness < TimeSpan.FromSeconds(5) || MaxStaleness > TimeSpan.FromDays(1))
        {
            yield return "Gateway:MaxStaleness must be from 00:00:05 to 1.00:00:00.";
        }

        if (!Directory.Exists(PolicyFolder))
        {
            yield return $"Gateway:PolicyFolder: there is no folder '{PolicyFolder}'.";
        }

        if (WitnessPolicy.Length > 0 && !File.Exists(WitnessPolicy))
        {
            yield return $"Gateway:WitnessPolicy: there is no file '{WitnessPolicy}'.";
        }

        if (MaxJsonBytes is < 1024 or > (64L << 20))
        {
            yield return "Gateway:MaxJsonBytes must be from 1024 to 67108864.";
        }

        if (MaxModelBytes is < 1024 or > (2L << 30))
        {
            yield return "Gateway:MaxModelBytes must be from 1024 to 2147483648.";
        }

        if (MaxDatasetBytes is < 1024 or > (1L << 40))
        {
            yield return "Gateway:MaxDatasetBytes must be from 1024 to 1099511627776.";
        }

        foreach (var fault in Telemetry.Faults())
        {
            yield return fault;
        }

        foreach (var fault in Webhooks.SelectMany(w => w.Value.Faults(w.Key)).Concat(PayloadSinks.SelectMany(s => s.Value.Faults(s.Key))))
        {
            yield return fault;
        }

        if (MaxLoadedModels is < 1 or > 10_000)
        {
            yield return "Gateway:MaxLoadedModels must be from 1 to 10000.";
        }

        foreach (var fault in Upstreams.SelectMany(u => u.Value.Faults(u.Key)).Concat(Protection.Faults()))
        {
            yield return fault;
        }

        foreach (var fault in Jobs.Faults().Concat(Schedules.Faults()))
        {
            yield return fault;
        }

        if (MaxDocumentBytes is < 1024 or > (1L << 30))
        {
            yield return "Gateway:MaxDocumentBytes must be from 1024 to 1073741824.";
        }

        if (MaxInferenceRows is < 1 or > 100_000)
        {
            yield return "Gateway:MaxInferenceRows must be from 1 to 100000.";
        }
    }

    internal static bool IsReplicaName(string name) => ReplicaName().IsMatch(name);

    private static bool IsNodeAddress(Uri address) => address.IsAbsoluteUri && address is { PathAndQuery: "/", UserInfo: "", Fragment: "", OriginalString.Length: <= 400 }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,39}$", RegexOptions.NonBacktracking)]
    private static partial Regex ReplicaName();
}

/// <summary>What holds the governance log.</summary>
public enum StoreKind
{
    Files,
    PostgreSql,
    SqlServer,
}
