using System.Text.Json;

namespace Governance.Gateway.Identity.Jose;

/// <summary>
/// Reads a key set from a file, or over https from a key set or the OpenID Connect metadata that names one. Follows no redirect,
/// reads at most 256 KiB, waits at most 10 seconds. Thread-safe.
/// </summary>
internal sealed class KeySetReader(IdentitySettings settings, HttpMessageHandler handler) : IDisposable
{
    private const int MaximumBytes = 256 * 1024;
    private readonly HttpClient http = new(handler) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaximumBytes };

    public static SocketsHttpHandler CreateHandler() => new() { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(15) };

    public async Task<JsonWebKeySet> ReadAsync(CancellationToken cancellationToken)
    {
        if (!IdentitySettings.IsHttps(settings.Jwks, out var address))
        {
            return new FileInfo(settings.Jwks).Length <= MaximumBytes
                ? JsonWebKeySet.Parse(await File.ReadAllBytesAsync(settings.Jwks, cancellationToken))
                : throw new FormatException($"The key set is larger than {MaximumBytes} bytes.");
        }

        var document = await http.GetByteArrayAsync(address, cancellationToken);
        return KeysAddress(document) is { } keys
            ? JsonWebKeySet.Parse(await http.GetByteArrayAsync(keys, cancellationToken))
            : JsonWebKeySet.Parse(document);
    }

    public void Dispose() => http.Dispose();

    private Uri? KeysAddress(byte[] document)
    {
        using var json = JsonDocument.Parse(document);
        if (!json.RootElement.TryGetProperty("jwks_uri", out var member))
        {
            return null;
        }

        if (!json.RootElement.TryGetProperty("issuer", out var issuer) || issuer.GetString() != settings.Issuer)
        {
            throw new FormatException("The metadata is of another issuer than Identity:Issuer.");
        }

        return IdentitySettings.IsHttps(member.GetString(), out var address)
            ? address
            : throw new FormatException("The metadata's jwks_uri is not an https address.");
    }
}
