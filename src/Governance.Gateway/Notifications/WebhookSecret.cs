using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Gateway.Notifications;

/// <summary>A symmetric key of Standard Webhooks: signs <c>id.timestamp.body</c> with HMAC-SHA256. Immutable, thread-safe; never printed.</summary>
public sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int FewestBytes = 24;
    private const int MostBytes = 64;
    private readonly byte[] key;

    private WebhookSecret(byte[] key) => this.key = key;

    /// <summary>Null unless <paramref name="text"/> is <c>whsec_</c> and 24 to 64 bytes in base64.</summary>
    public static WebhookSecret? TryParse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var buffer = new byte[MostBytes];
        return Convert.TryFromBase64String(text[Prefix.Length..], buffer, out var length) && length >= FewestBytes ? new WebhookSecret(buffer[..length]) : null;
    }

    /// <summary>The signature <c>v1,</c> and base64, as the header <c>webhook-signature</c> has it.</summary>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>: seconds since 1970.</param>
    /// <param name="body">Exactly the bytes that are sent.</param>
    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        mac.AppendData(head);
        mac.AppendData(body);
        return "v1," + Convert.ToBase64String(mac.GetHashAndReset());
    }

    public override string ToString() => Prefix + "…";
}
