using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Governance.Gateway.Portal;

/// <summary>
/// The stylesheet, the script and the fonts, carried in the assembly so that every host serves the same. Addresses hold a part of the
/// content's digest and may be kept for ever.
/// </summary>
internal static class PortalAssets
{
    private const string Prefix = "portal/";

    private static readonly FrozenDictionary<string, Asset> ByName = Load();

    /// <summary>The address of an asset: <c>/assets/portal.css?v=…</c>.</summary>
    public static string Address(string name) => $"/assets/{name}?v={ByName[name].Version}";

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/assets/{name}", (string name, HttpContext context) =>
    {
        if (!ByName.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = context.Request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(asset.Content, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Version}\""));
    }).AllowAnonymous().ExcludeFromDescription();

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(PortalAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            n => n[Prefix.Length..],
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                var content = new byte[stream.Length];
                stream.ReadExactly(content);
                return new Asset(content, ContentType(n), Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 6)));
            },
            StringComparer.Ordinal);
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "font/ttf",
    };

    private sealed record Asset(byte[] Content, string ContentType, string Version);
}
