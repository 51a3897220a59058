using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Governance.Jobs.Engines.Kubernetes;

/// <summary>
/// Reads a kubeconfig: cluster, user and namespace of a context, with tokens, token files and client certificates, inline or as files beside it.
/// Programs that fetch credentials (<c>exec</c>), passwords and servers that are not verified are refused.
/// </summary>
public static class Kubeconfig
{
    private const int MaxBytes = 1 << 20;

    /// <param name="context">Null for the current one.</param>
    /// <param name="space">Namespace; null for the context's, else <c>default</c>.</param>
    /// <exception cref="EngineException">It cannot be used; says which part, never a secret.</exception>
    public static KubernetesAccess Read(string path, string? context = null, string? space = null)
    {
        var root = Load(path);
        var name = context ?? Text(root, "current-context") ?? throw Unusable("The kubeconfig has no current-context: name one.");
        var chosen = Named(root, "contexts", name, "context");
        var cluster = Named(root, "clusters", Text(chosen, "cluster") ?? "", "cluster");
        var user = Named(root, "users", Text(chosen, "user") ?? "", "user");
        if (Text(cluster, "insecure-skip-tls-verify") is "true")
        {
            throw Unusable("The kubeconfig does not verify the server (insecure-skip-tls-verify): give its certificate-authority.");
        }

        if (Has(user, "exec") || Has(user, "auth-provider") || Has(user, "username"))
        {
            throw Unusable("The kubeconfig's user needs a program or a password: use a token, a tokenFile or a client certificate.");
        }

        if (!Uri.TryCreate(Text(cluster, "server"), UriKind.Absolute, out var server) || server.Scheme is not ("https" or "http"))
        {
            throw Unusable("The kubeconfig's server is no http or https address.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var tokenFile = Text(user, "tokenFile") is { } file ? Path.Combine(folder, file) : null;
        try
        {
            return new KubernetesAccess(server, space ?? Text(chosen, "namespace") ?? "default", Text(user, "token"), tokenFile, Authorities(cluster, folder), Certificate(user, folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw Unusable("A certificate or key that the kubeconfig names cannot be read.");
        }
    }

    private static YamlMappingNode Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw Unusable("The kubeconfig is larger than 1 MiB.");
            }

            using var reader = new StreamReader(path);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [var document] && document.RootNode is YamlMappingNode root ? root : throw Unusable("The kubeconfig is not one YAML document.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable("The kubeconfig cannot be read.");
        }
        catch (YamlException)
        {
            throw Unusable("The kubeconfig is not YAML.");
        }
    }

    private static X509Certificate2Collection? Authorities(YamlMappingNode cluster, string folder)
    {
        if (Pem(cluster, "certificate-authority", folder) is not { } pem)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities;
    }

    private static X509Certificate2? Certificate(YamlMappingNode user, string folder) =>
        (Pem(user, "client-certificate", folder), Pem(user, "client-key", folder)) switch
        {
            ({ } certificate, { } key) => X509Certificate2.CreateFromPem(certificate, key),
            (null, null) => null,
            _ => throw Unusable("The kubeconfig's user has only one of client-certificate and client-key."),
        };

    /// <summary>Inline (<c>NAME-data</c>, base64) or a file.</summary>
    private static string? Pem(YamlMappingNode node, string name, string folder) =>
        Text(node, name + "-data") is { } data ? System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(data))
        : Text(node, name) is { } file ? File.ReadAllText(Path.Combine(folder, file))
        : null;

    private static YamlMappingNode Named(YamlMappingNode root, string list, string name, string kind) =>
        root.Children.TryGetValue(new YamlScalarNode(list), out var all) && all is YamlSequenceNode entries
        && entries.OfType<YamlMappingNode>().FirstOrDefault(e => Text(e, "name") == name) is { } entry
        && entry.Children.TryGetValue(new YamlScalarNode(kind), out var value) && value is YamlMappingNode found
            ? found
            : throw Unusable($"The kubeconfig has no {kind} '{name}'.");

    private static bool Has(YamlMappingNode node, string name) => node.Children.ContainsKey(new YamlScalarNode(name));

    private static string? Text(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var value) && value is YamlScalarNode { Value: { Length: > 0 } text } ? text : null;

    private static EngineException Unusable(string message) => KubernetesAccess.Unusable(message);
}
