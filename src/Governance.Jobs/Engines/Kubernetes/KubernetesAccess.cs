using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Governance.Jobs.Engines.Kubernetes;

/// <summary>An API server, how to trust it and what to show it. Holds secrets: is never printed or logged. Immutable.</summary>
public sealed class KubernetesAccess
{
    /// <summary>Where Kubernetes mounts a pod's service account.</summary>
    public const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    private readonly string? token;
    private readonly string? tokenFile;

    /// <param name="token">Bearer token; null for none.</param>
    /// <param name="tokenFile">File of the token, read at each request: such tokens are renewed in place.</param>
    /// <param name="authorities">Certificates the server's must descend from; null for the machine's.</param>
    public KubernetesAccess(Uri server, string space, string? token = null, string? tokenFile = null, X509Certificate2Collection? authorities = null, X509Certificate2? certificate = null)
    {
        (Server, Namespace, Authorities, Certificate) = (server, space, authorities, certificate);
        (this.token, this.tokenFile) = (token, tokenFile);
    }

    public Uri Server { get; }

    /// <summary>Namespace of the jobs.</summary>
    public string Namespace { get; }

    internal X509Certificate2Collection? Authorities { get; }

    /// <summary>The client's own, with its private key.</summary>
    internal X509Certificate2? Certificate { get; }

    /// <summary>The service account of the pod this process runs in.</summary>
    /// <param name="space">Null for the pod's own namespace.</param>
    /// <param name="variable">Reads the environment.</param>
    /// <exception cref="EngineException">This process does not run in a pod, or its service account is not mounted.</exception>
    public static KubernetesAccess InCluster(string? space, Func<string, string?> variable, string folder = ServiceAccountFolder)
    {
        if (variable("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || variable("KUBERNETES_SERVICE_PORT") is not { Length: > 0 } port)
        {
            throw Unusable("This process does not run in a pod (KUBERNETES_SERVICE_HOST is not set): name a kubeconfig.");
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
            var address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
            return new KubernetesAccess(
                new Uri($"https://{address}:{port}"), space ?? File.ReadAllText(Path.Combine(folder, "namespace")).Trim(), tokenFile: Path.Combine(folder, "token"), authorities: authorities);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or UriFormatException)
        {
            throw Unusable("The pod's service account cannot be read: mount its token (automountServiceAccountToken).");
        }
    }

    /// <exception cref="EngineException">The token's file cannot be read.</exception>
    internal async Task<string?> TokenAsync(CancellationToken cancellationToken) =>
        tokenFile is null ? token : await TokenFile.ReadAsync(tokenFile, "the Kubernetes token", cancellationToken);

    internal static EngineException Unusable(string message) => new(EngineFault.Refused, message);
}
