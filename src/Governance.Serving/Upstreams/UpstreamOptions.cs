using System.Net;
using Governance.Core.Inventory;

namespace Governance.Serving.Upstreams;

/// <summary>How an upstream is spoken to.</summary>
public enum UpstreamProtocol
{
    /// <summary>Open Inference Protocol v2 over JSON: KServe, Triton, MLServer.</summary>
    OpenInference,

    /// <summary>MLflow's scoring server: <c>POST /invocations</c>. It does not say which version answered.</summary>
    Mlflow,
}

/// <summary>A server that scores for routes: section <c>Gateway:Upstreams:{name}</c>, checked at start.</summary>
public sealed class UpstreamOptions
{
    /// <summary>Base address, <c>https://host:port</c>, without query; what the protocol adds comes after it.</summary>
    public string Url { get; set; } = "";

    /// <summary>Default <see cref="UpstreamProtocol.OpenInference"/>.</summary>
    public UpstreamProtocol Protocol { get; set; }

    /// <summary>Name of the model there. Default: the route's name.</summary>
    public string? Model { get; set; }

    /// <summary>Input tensor there. Default <c>features</c>.</summary>
    public string Input { get; set; } = "features";

    /// <summary>Output tensor there with the probability of label 1. Default <c>score</c>.</summary>
    public string Output { get; set; } = "score";

    /// <summary>Longest time of one attempt, 10 ms to 60 s. Default 2 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Largest answer in bytes, 1 KiB to 64 MiB. Default 1 MiB.</summary>
    public int MaxResponseBytes { get; set; } = 1 << 20;

    /// <summary>Most connections at a time, 1 to 1,024. Default 32.</summary>
    public int MaxConnections { get; set; } = 32;

    /// <summary>File with a bearer token to send; needs https. Null for none.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Networks besides public ones that may be connected to, as CIDR: <c>10.2.0.0/16</c>. Default none.</summary>
    public IList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Everything wrong with it, each naming its key.</summary>
    public IEnumerable<string> Faults(string name)
    {
        var key = "Gateway:Upstreams:" + name;
        if (!Identifier.IsValid(name))
        {
            yield return $"{key}: the name is {Identifier.Rule}.";
        }

        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
            || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            yield return $"{key}:Url is an http or https address without user, query and fragment.";
        }
        else if (TokenFile is not null && url.Scheme != Uri.UriSchemeHttps)
        {
            yield return $"{key}:TokenFile needs an https address.";
        }

        if (TokenFile is not null && !File.Exists(TokenFile))
        {
            yield return $"{key}:TokenFile: there is no file '{TokenFile}'.";
        }

        if (!Enum.IsDefined(Protocol))
        {
            yield return $"{key}:Protocol is OpenInference or Mlflow.";
        }

        if (Timeout < TimeSpan.FromMilliseconds(10) || Timeout > TimeSpan.FromMinutes(1))
        {
            yield return $"{key}:Timeout is 10 ms to 60 s.";
        }

        if (MaxResponseBytes is < 1024 or > (64 << 20) || MaxConnections is < 1 or > 1024)
        {
            yield return $"{key}:MaxResponseBytes is 1024 to 67108864, MaxConnections 1 to 1024.";
        }

        foreach (var network in AllowedNetworks.Where(n => !IPNetwork.TryParse(n, out _)))
        {
            yield return $"{key}:AllowedNetworks: '{network}' is no network such as 10.2.0.0/16.";
        }
    }
}
