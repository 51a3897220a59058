namespace Governance.Gateway.Notifications;

/// <summary>Another system that signed messages are posted to. Checked at start.</summary>
public abstract class SignedTargetOptions
{
    /// <summary>Where messages are posted. <c>https</c>; <c>http</c> only with <see cref="AllowPrivate"/>.</summary>
    public string Url { get; set; } = "";

    /// <summary><c>whsec_</c> and 24 to 64 random bytes in base64: signs every message.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The secret before the last change; while it is set each message has two signatures. Empty for none.</summary>
    public string PreviousSecret { get; set; } = "";

    /// <summary>The target is inside: private, loopback and link-local addresses may be called, also without TLS. Default false.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Everything wrong with the address and the secrets, each naming its key; secrets are never shown.</summary>
    /// <param name="key">Section of the target.</param>
    protected IEnumerable<string> TargetFaults(string key)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || !(url.Scheme == Uri.UriSchemeHttps || (AllowPrivate && url.Scheme == Uri.UriSchemeHttp)))
        {
            yield return $"{key}:Url must be an https address without a user; http is for targets with AllowPrivate.";
        }

        if (WebhookSecret.TryParse(Secret) is null)
        {
            yield return $"{key}:Secret must be whsec_ followed by 24 to 64 bytes in base64. Make one: printf 'whsec_%s\\n' \"$(openssl rand -base64 32)\"";
        }

        if (PreviousSecret.Length > 0 && WebhookSecret.TryParse(PreviousSecret) is null)
        {
            yield return $"{key}:PreviousSecret must be whsec_ followed by 24 to 64 bytes in base64, or empty.";
        }
    }
}
